// SPDX-License-Identifier: Apache-2.0
#include "store/sql/session_link.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "runtime/mail_batch.h"
#include "store/sql/write_behind.h"

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

void finish_upserts(std::span<SingleWork* const> works, CallSupply& more) {
  const MailBatch together;
  for (SingleWork* const work : works) {
    work->answered({}, 1);
    more.finish(*work);
  }
}

}  // namespace

void SessionLink::connect(SteadyTime until) {
  session_->answer_by(until);
  session_->connect(until);
  schemas_.somebody_connected();
}

void SessionLink::keep_alive(SteadyTime until) {
  session_->answer_by(until);
  session_->ping();
}

void SessionLink::serve(Call& call, CallSupply& more) {
  // What an earlier call left behind belongs to nobody since the connection broke.
  sent_.clear();
  first_ = 0;
  upserts_.clear();
  again_.clear();
  for (Work* next = &static_cast<Work&>(call); next != nullptr || !sent_.empty();) {
    next = send_ahead(next, more);
    // Upserts end what is sent ahead, like all that is not a single statement.
    while (!sent_.empty() && (next != nullptr || !upserts_.empty())) receive_some(more);
    if (!upserts_.empty()) run_upserts(more);
    if (!sent_.empty()) receive_some(more);
    if (sent_.empty()) {
      for (Work* const work : std::exchange(again_, {})) run_whole(*work, more);
      if (next != nullptr) run_whole(*std::exchange(next, nullptr), more);
    }
    // More is sent when half of it was answered: in groups, which are cheap, and before the server has nothing to do.
    if (sent_.size() - first_ <= depth_ / 2) next = static_cast<Work*>(more.take());
  }
}

// All single statements that are there; brings the first work that is none, which waits until they are answered, and
// any while tables are missing.
Work* SessionLink::send_ahead(Work* next, CallSupply& more) {
  for (; next != nullptr; next = static_cast<Work*>(more.take())) {
    SingleWork* const single = next->single();
    if (single == nullptr || schemas_.is_missing()) return next;
    if (single->statement.upsert != nullptr)
      upserts_.push_back(single);
    else
      send(*single, more);
  }
  if (upserts_.size() != 1) return nullptr;
  send(*upserts_.front(), more);
  upserts_.clear();
  return nullptr;
}

void SessionLink::send(SingleWork& work, CallSupply& more) {
  session_->answer_by(more.deadline(work));
  session_->send(work);
  sent_.push_back(&work);
}

// Upserts that wait at the same time become one statement for each table: one commit instead of many. Their rows are
// in the order of their keys, so that two workers do not hold a row each that the other one wants.
void SessionLink::run_upserts(CallSupply& more) {
  const std::vector<SingleWork*> works = std::exchange(upserts_, {});
  std::vector<std::pair<std::string, std::size_t>> order;  // of the same key, the older one first
  order.reserve(works.size());
  for (std::size_t i = 0; i < works.size(); ++i)
    order.emplace_back(ordered_key(*works[i]->statement.upsert, works[i]->statement.arguments), i);
  std::ranges::sort(order);
  std::vector<SingleWork*> alike;
  for (auto each = order.begin(); each != order.end(); ++each) {
    SingleWork& work = *works[each->second];
    alike.push_back(&work);
    const auto next = each + 1;
    // A statement is about one table, and changes a row once.
    if (next != order.end() && next->first != each->first && works[next->second]->statement.name == work.statement.name)
      continue;
    session_->answer_by(more.deadline(work));
    const bool done = run_together(alike);
    if (done)
      finish_upserts(alike, more);
    else
      for (SingleWork* const one : alike) run_whole(*one, more);
    alike.clear();
  }
}

// False when the database takes not all of them.
bool SessionLink::run_together(std::span<SingleWork* const> works) {
  if (works.size() == 1) return false;
  Rows rows{.columns = works.front()->statement.arguments.size()};
  for (const SingleWork* const work : works)
    rows.cells.insert(rows.cells.end(), work->statement.arguments.begin(), work->statement.arguments.end());
  try {
    session_->run_upserts(*works.front()->statement.upsert, rows);
    return true;
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    return false;  // each by itself gets an answer of its own
  }
}

void SessionLink::receive_some(CallSupply& more) {
  const MailBatch together;  // nothing is waited for but the first answer
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
  if (schemas_.is_missing()) {
    try {
      schemas_.expect_all(until);
    } catch (const Unavailable&) {
      return more.finish(work, std::current_exception());
    }
  }
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
