// SPDX-License-Identifier: Apache-2.0
// The write-behind queue: changes of rows that wait to be written together. Coalesced by key, sorted by key, bounded.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "store/sql/work.h"

namespace meerkat::sql {

struct WriteBehindLimits {
  std::size_t rows = 1000;  // this many rows are due at once
  std::chrono::nanoseconds delay = std::chrono::milliseconds{20};
  std::size_t bytes = std::size_t{16} << 20;
  std::chrono::nanoseconds patience = std::chrono::milliseconds{250};  // of changes that need not be written soon
};

// Those who wait, in the order in which they came.
class BehindChain {
 public:
  void append(BehindWork& work);
  // Leaves the others empty.
  void take_from(BehindChain& others);
  BehindWork* pop();
  bool empty() const { return first_ == nullptr; }
  // Resumes all of them; the works are gone afterwards.
  void resume_all(const std::exception_ptr& failure) noexcept;

 private:
  BehindWork* first_ = nullptr;
  BehindWork* last_ = nullptr;
};

// A queue without a lock or a thread of its own: its owner guards it and writes what is due.
class WriteBehind {
 public:
  struct Change {
    Upsert upsert;
    Values key;
    std::optional<Values> values;  // nothing: the row is removed
    BehindChain waiters;
    bool must_be_kept = false;  // somebody left it here without waiting
    std::size_t bytes = 0;
    std::exception_ptr failure;  // a note of the writer
  };
  // By table and key, in an order that is the table's own where keys are text.
  using Changes = std::map<std::string, Change>;
  struct Batch {
    Changes changes;
    BehindChain flushers;
  };

  explicit WriteBehind(WriteBehindLimits limits) : limits_(limits) {}

  // True when nothing is left to wait for: the change stands in the queue, and nobody wants to know more.
  bool add(BehindWork& work, SteadyTime now);

  // From when on the queue wants to be written; nothing when it is empty.
  std::optional<SteadyTime> due() const;
  bool empty() const { return queued_.empty() && flushers_.empty() && without_room_.empty(); }

  // Everything that is queued. Its bytes count until `leaves` says that they are written.
  Batch take();
  // They were written or dropped. Returns those who waited for room and now need wait no more.
  BehindChain leaves(const Changes& done, SteadyTime now);
  // After a failure: what must be kept goes back, to be tried again at `again`; returns those who wait for room, who
  // are to be told instead of waiting for an unknown time.
  BehindChain come_back(Changes changes, SteadyTime again);

  // The change of a row that is queued or being written; null when there is none. `ordered` as ordered_key says. Valid
  // until the queue changes.
  const Change* find(const std::string& ordered) const;

  std::size_t bytes() const { return bytes_; }

 private:
  bool enter(BehindWork& work, SteadyTime now);

  const WriteBehindLimits limits_;
  Changes queued_;
  BehindChain flushers_;
  BehindChain without_room_;
  SteadyTime due_{};         // when what is queued is to be written
  SteadyTime not_before_{};  // after a failure
  std::size_t bytes_ = 0;    // queued and being written
  // What was taken, wherever the writer moves it: keys and values of a change stay as they are and where they are.
  std::unordered_map<std::string_view, const Change*> being_written_;
};

// Bytes that compare like the keys of rows: table by table, then column by column. `row` begins with the key.
std::string ordered_key(const Upsert& upsert, std::span<const Value> row);

// What all who write batches do with one in the end.
// It was written: tells who waited, logs rows that the database refused for good. `leaves` comes next.
void tell_written(WriteBehind::Changes& changes);
// It was not: tells who waited; the rest is for `come_back`.
void tell_failed(WriteBehind::Changes& changes, const std::exception_ptr& failure);
// It never will be: logs how much is lost. `leaves` comes next.
void lose(const WriteBehind::Changes& changes, const std::exception_ptr& failure);

// For an owner with a lock: what the queue says of a row.
std::optional<QueuedRow> look_up(const WriteBehind& queue, const Upsert& what, std::span<const Value> key,
                                 std::mutex& guard);

// For one that has a thread as well, which waits for `arrived` and is woken when the queue wants to be written at
// another time than before. True as WriteBehind::add says; the work may be gone then.
bool add_and_wake(WriteBehind& queue, BehindWork& work, std::mutex& guard, std::condition_variable& arrived);

}  // namespace meerkat::sql
