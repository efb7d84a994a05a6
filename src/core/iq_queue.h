// SPDX-License-Identifier: Apache-2.0
// How the requests of one namespace wait for each other while answers take time: MongooseIM's `iqdisc`.
//
// A request for an account is answered at the account's home, one for the server where its sender lives; each worker
// has a queue of its own for each namespace, as each node of a MongooseIM cluster has. So what a sender asks one
// address is answered in its order, without any hop, and "one queue" means one on each worker. One for all of them
// would cost two hops for each request, and bound nothing that a worker does not bound already.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "core/iq_processing.h"
#include "xmpp/jid.h"

namespace meerkat {

// Lives on one worker, shared by its row of the IQ table and by those who stand in line. Without anybody whose answer
// takes time it is empty and costs nothing.
class IqQueue {
 public:
  // Beyond, requests are refused: so many in a line, so many of one sender.
  static constexpr std::size_t most_in_line = 1000;
  static constexpr std::size_t most_of_one_sender = 32;

  // `worker_count`: among how many the `workers` of the option are shared out.
  IqQueue(const IqProcessing& how, std::size_t worker_count);

  const IqProcessing& how() const { return how_; }
  // Whether the sender's stream stands still until it has its answer.
  bool stops_sender() const { return how_.type == IqProcessing::Type::no_queue; }

 private:
  friend class IqTurn;

  using Lane = std::uint64_t;
  struct Waiting {
    std::coroutine_handle<> request;
    std::uint64_t sender;
  };
  struct Line {
    std::deque<Waiting> waiting;
    bool taken = true;      // by the one who is being answered
    bool going_on = false;  // somebody below on the stack lets the next one go on
  };

  Lane lane_of(std::uint64_t sender) const;
  bool is_taken(Lane lane) const { return !lines_.empty() && lines_.contains(lane); }
  bool has_room(Lane lane, std::uint64_t sender) const;
  void end(Lane lane) noexcept;

  const IqProcessing how_;
  std::uint64_t lanes_ = 1;
  std::unordered_map<Lane, Line> lines_;  // only those that are taken
};

// The place of one request: from its arrival until its answer is on the way. Belongs to a coroutine on the queue's
// worker. `IqTurn turn{…}; if (!turn.has_room()) …; co_await turn;` and `turn.take()` before anything that waits.
class IqTurn {
 public:
  // Null: requests that do not wait for each other.
  IqTurn(std::shared_ptr<IqQueue> queue, const Jid& sender);
  ~IqTurn();
  IqTurn(const IqTurn&) = delete;
  IqTurn& operator=(const IqTurn&) = delete;

  bool stops_sender() const { return queue_ != nullptr && queue_->stops_sender(); }
  bool has_room() const { return queue_ == nullptr || queue_->has_room(lane_, sender_); }

  // Waits for those who came earlier.
  bool await_ready() const { return queue_ == nullptr || !queue_->is_taken(lane_); }
  void await_suspend(std::coroutine_handle<> request);
  void await_resume() const noexcept {}
  // Those who come later wait from now on.
  void take();

 private:
  std::shared_ptr<IqQueue> queue_;
  std::uint64_t sender_ = 0;
  IqQueue::Lane lane_ = 0;
  bool taken_ = false;
};

}  // namespace meerkat
