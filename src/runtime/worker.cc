// SPDX-License-Identifier: Apache-2.0
#include "runtime/worker.h"

#include <pthread.h>

#include <algorithm>

#include <fmt/format.h>

#include "runtime/mail_batch.h"
#include "runtime/own_thread.h"

namespace meerkat {
namespace {

thread_local Worker* this_worker = nullptr;
thread_local bool is_own_thread = false;

struct CallMail : Mail {
  std::function<void()> work;
};

struct ResumeMail : Mail {
  std::coroutine_handle<> waiting;
};

}  // namespace

Worker::Worker(std::size_t index, std::size_t peers, const Clock& clock)
    : index_(index), clock_(clock), timers_(clock), outgoing_(peers) {}

Worker::~Worker() {
  join();
  end_turn();
  if (this_worker == this) this_worker = nullptr;
}

Worker* Worker::current() noexcept { return this_worker; }

bool is_own_thread_of_worker() noexcept { return is_own_thread; }

void Worker::adopt_thread() noexcept { this_worker = this; }

void Worker::leave_thread() noexcept { this_worker = nullptr; }

void Worker::post(Mail& mail) {
  Worker* const here = this_worker;
  if (here == nullptr || here->outgoing_.size() <= index_) {
    if (MailBatch* const batch = MailBatch::current()) return batch->add(*this, mail);
    MailChain chain;
    chain.append(mail);
    push(chain);
    return;
  }
  MailChain& chain = here->outgoing_[index_];
  if (chain.empty()) here->addressed_.push_back(this);
  chain.append(mail);
}

void Worker::call(std::function<void()> work) {
  auto* mail = new CallMail;
  mail->work = std::move(work);
  mail->open = [](Mail* self, Worker&) noexcept {
    const std::unique_ptr<CallMail> mine{static_cast<CallMail*>(self)};
    mine->work();
  };
  post(*mail);
}

void Worker::resume(std::coroutine_handle<> waiting) {
  auto* mail = new ResumeMail;
  mail->waiting = waiting;
  mail->open = [](Mail* self, Worker&) noexcept {
    const std::coroutine_handle<> waiting = static_cast<ResumeMail*>(self)->waiting;
    delete static_cast<ResumeMail*>(self);
    waiting.resume();
  };
  post(*mail);
}

void Worker::at_turn_end(TurnEnd& who) {
  if (who.waits_for_turn_end_) return;
  who.waits_for_turn_end_ = true;
  who.next_at_turn_end_ = turn_ends_;
  turn_ends_ = &who;
}

void Worker::push(const MailChain& chain) {
  // A worker that is awake looks into its mailbox before it sleeps, so only a sleeping one is woken, and only once.
  mailbox_.push(chain);
  if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false)) loop_.wake();
}

void Worker::flush_outgoing() {
  for (std::size_t i = 0; i < addressed_.size(); ++i) {
    Worker& to = *addressed_[i];
    MailChain chain;
    std::swap(chain, outgoing_[to.index_]);
    to.push(chain);
  }
  addressed_.clear();
}

void Worker::read_mail() {
  const std::uint64_t before = mail_read_.load(std::memory_order_relaxed);
  std::uint64_t read = before;
  for (Mail* mail = mailbox_.take_all(); mail != nullptr;) {
    Mail* const next = mail->next;
    mail->open(mail, *this);
    mail = next;
    ++read;
  }
  mail_read_.store(read, std::memory_order_relaxed);
  most_mail_ = std::max(most_mail_, read - before);
}

std::size_t Worker::mail_waiting() const {
  const std::uint64_t read = mail_read_.load(std::memory_order_relaxed);
  const std::uint64_t posted = mailbox_.posted();
  return posted > read ? static_cast<std::size_t>(posted - read) : 0;
}

void Worker::end_turn() {
  while (turn_ends_ != nullptr) {
    TurnEnd* who = turn_ends_;
    turn_ends_ = who->next_at_turn_end_;
    who->waits_for_turn_end_ = false;
    who->turn_ended();
  }
  flush_outgoing();
  for (const auto& who : to_ring_) who->ring();
  to_ring_.clear();
  buffers_.wipe_secrets();
  for (std::size_t i = 0; i < graves_.size(); ++i) graves_[i].bury(graves_[i].body);
  graves_.clear();
}

void Worker::turn(std::chrono::milliseconds longest) {
  const std::chrono::milliseconds timer = timers_.until_next();
  if (timer.count() >= 0 && (longest.count() < 0 || timer < longest)) longest = timer;
  asleep_.store(true, std::memory_order_seq_cst);
  const bool is_owed = !mailbox_.empty() || !to_ring_.empty();
  if (is_owed || stopping_.load(std::memory_order_seq_cst)) longest = std::chrono::milliseconds{0};
  loop_.turn(longest);
  asleep_.store(false, std::memory_order_relaxed);
  read_mail();
  timers_.advance();
  end_turn();
}

void Worker::run() {
  adopt_thread();
  is_own_thread = true;
  ::pthread_setname_np(::pthread_self(), fmt::format("worker-{}", index_).c_str());
  while (!stopping_.load(std::memory_order_relaxed)) turn();
  for (Lodger* const lodger : std::vector{lodgers_}) lodger->worker_ends();
  end_turn();
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  loop_.wake();
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace meerkat
