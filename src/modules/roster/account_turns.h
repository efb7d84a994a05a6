// SPDX-License-Identifier: Apache-2.0
// Whoever changes the roster of an account has it for himself: requests, subscriptions that leave and those that arrive
// are served one after the other, in the order in which they came.
#pragma once

#include <coroutine>
#include <deque>
#include <unordered_map>
#include <utility>

#include "runtime/worker.h"
#include "xmpp/jid.h"

namespace meerkat {

// Lives on one worker. An account that nobody is busy with has no entry.
class AccountTurns {
 public:
  // Until its end the others wait.
  class Turn {
   public:
    Turn(AccountTurns& turns, Jid account) : turns_(&turns), account_(std::move(account)) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)), account_(std::move(other.account_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->end(account_);
    }

   private:
    AccountTurns* turns_;
    Jid account_;
  };

  class Waiting {
   public:
    Waiting(AccountTurns& turns, Jid account) : turns_(turns), account_(std::move(account)) {}
    bool await_ready() { return turns_.lines_.try_emplace(account_).second; }
    void await_suspend(std::coroutine_handle<> next) { turns_.lines_.find(account_)->second.push_back(next); }
    Turn await_resume() { return {turns_, std::move(account_)}; }

   private:
    AccountTurns& turns_;
    Jid account_;
  };

  // `const auto turn = co_await turns.of(user);`
  Waiting of(const Jid& account) { return {*this, account}; }

 private:
  // The next one goes on by mail: behind what the one before still has to say in this turn of the worker.
  void end(const Jid& account) {
    const auto line = lines_.find(account);
    if (line->second.empty()) {
      lines_.erase(line);
      return;
    }
    const std::coroutine_handle<> next = line->second.front();
    line->second.pop_front();
    // Without a worker the server stops, and nobody goes on.
    if (Worker* const here = Worker::current()) here->resume(next);
  }

  std::unordered_map<Jid, std::deque<std::coroutine_handle<>>> lines_;
};

}  // namespace meerkat
