// SPDX-License-Identifier: Apache-2.0
#include "store/sql/session_link.h"

#include <chrono>
#include <utility>

namespace meerkat::sql {
namespace {

bool is_conflict(const std::exception_ptr& failure) {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const Conflict&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

void SessionLink::connect(SteadyTime until) {
  session_->answer_by(until);
  session_->connect(until);
  if (schemas_.is_missing()) schemas_.apply_missing(*session_);
}

void SessionLink::keep_alive(SteadyTime until) {
  session_->answer_by(until);
  session_->ping();
}

void SessionLink::serve(Call& call, CallSupply& more) {
  // What an earlier call left behind belongs to nobody since the connection broke.
  sent_.clear();
  first_ = 0;
  again_.clear();
  if (schemas_.is_missing()) schemas_.apply_missing(*session_);
  for (Work* next = &static_cast<Work&>(call); next != nullptr || !sent_.empty();) {
    next = send_ahead(next, more);
    if (!sent_.empty()) {
      receive_some(more);
    } else if (next != nullptr) {
      run_whole(*std::exchange(next, nullptr), more);
    }
    if (sent_.empty())
      for (Work* const work : std::exchange(again_, {})) run_whole(*work, more);
    if (next == nullptr) next = static_cast<Work*>(more.take());
  }
}

// All single statements that are there; brings the first work that is none, which waits until they are answered.
Work* SessionLink::send_ahead(Work* next, CallSupply& more) {
  while (next != nullptr) {
    SingleWork* const single = next->single();
    if (single == nullptr) return next;
    session_->answer_by(more.deadline(*single));
    session_->send(*single);
    sent_.push_back(single);
    next = static_cast<Work*>(more.take());
  }
  return nullptr;
}

void SessionLink::receive_some(CallSupply& more) {
  do {
    SingleWork& work = *sent_[first_];
    std::exception_ptr failure;
    session_->answer_by(more.deadline(work));
    try {
      session_->receive(work);
    } catch (const ConnectionLost&) {
      throw;
    } catch (...) {
      failure = std::current_exception();  // told to who asked
    }
    ++first_;
    if (is_conflict(failure))
      again_.push_back(&work);
    else
      more.finish(work, std::move(failure));
  } while (first_ < sent_.size() && session_->has_answer());
  if (first_ < sent_.size()) return;
  sent_.clear();
  first_ = 0;
}

void SessionLink::run_whole(Work& work, CallSupply& more) {
  const SteadyTime until = more.deadline(work);
  session_->answer_by(until);
  std::exception_ptr failure = attempt(work);
  for (int attempts = 1; attempts < most_attempts && is_conflict(failure); ++attempts) {
    if (std::chrono::steady_clock::now() >= until) break;
    failure = attempt(work);
  }
  more.finish(work, std::move(failure));
}

// What the database says against it; throws when the connection broke.
std::exception_ptr SessionLink::attempt(Work& work) {
  if (!work.several_statements) {
    try {
      work.run(*session_);
      return nullptr;
    } catch (const ConnectionLost&) {
      throw;
    } catch (...) {
      return std::current_exception();  // told to who asked
    }
  }
  std::exception_ptr failure;
  try {
    // Until COMMIT is on its way nothing can have happened.
    work.may_repeat = true;
    session_->begin();
    work.run(*session_);
    work.may_repeat = false;
    session_->commit();
    return nullptr;
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    failure = std::current_exception();  // told to who asked, when it is undone
  }
  session_->rollback();
  return failure;
}

}  // namespace meerkat::sql
