// SPDX-License-Identifier: Apache-2.0
#include "store/sql/write_behind.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace meerkat::sql {
namespace {

void append_ordered(std::string& out, std::string_view text) {
  // A zero byte inside sorts after the end of the text: 00 ff against 00 00.
  for (const char c : text) {
    out += c;
    if (c == '\0') out += '\xff';
  }
  out.append(2, '\0');
}

void append_ordered(std::string& out, std::uint64_t bits) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
}

std::size_t footprint(const BehindWork& work, const std::string& ordered) {
  std::size_t bytes = sizeof(WriteBehind::Change) + ordered.size();
  for (const Value& value : work.key) bytes += value.footprint();
  if (!work.values) return bytes;
  for (const Value& value : *work.values) bytes += value.footprint();
  return bytes;
}

}  // namespace

std::string ordered_key(const Upsert& upsert, std::span<const Value> row) {
  std::string bytes;
  append_ordered(bytes, upsert.table);
  const auto columns = static_cast<std::size_t>(std::ranges::count(upsert.key, ',')) + 1;
  for (const Value& value : row.first(std::min(columns, row.size()))) {
    bytes += static_cast<char>(value.content().index());
    if (const auto* number = std::get_if<std::int64_t>(&value.content()))
      append_ordered(bytes, static_cast<std::uint64_t>(*number) ^ (std::uint64_t{1} << 63));
    else if (const auto* real = std::get_if<double>(&value.content()))
      append_ordered(bytes, std::bit_cast<std::uint64_t>(*real));
    else if (const auto* text = std::get_if<std::string>(&value.content()))
      append_ordered(bytes, *text);
    else if (const auto* blob = std::get_if<Blob>(&value.content()))
      append_ordered(bytes, blob->bytes);
  }
  return bytes;
}

void BehindChain::append(BehindWork& work) {
  work.next = nullptr;
  (last_ != nullptr ? last_->next : first_) = &work;
  last_ = &work;
}

void BehindChain::take_from(BehindChain& others) {
  if (others.empty()) return;
  (last_ != nullptr ? last_->next : first_) = others.first_;
  last_ = others.last_;
  others = {};
}

BehindWork* BehindChain::pop() {
  if (first_ == nullptr) return nullptr;
  BehindWork* const work = std::exchange(first_, first_->next);
  if (first_ == nullptr) last_ = nullptr;
  return work;
}

void BehindChain::resume_all(const std::exception_ptr& failure) noexcept {
  while (BehindWork* const work = pop()) work->resumer.resume(copy_of(failure));
}

bool WriteBehind::add(BehindWork& work, SteadyTime now) {
  if (work.is_flush) {
    flushers_.append(work);
    return false;
  }
  // Whoever comes while others wait for room waits behind them: changes of one key keep their order.
  if (bytes_ >= limits_.bytes || !without_room_.empty()) {
    without_room_.append(work);
    return false;
  }
  return enter(work, now);
}

bool WriteBehind::enter(BehindWork& work, SteadyTime now) {
  std::string ordered = ordered_key(work.upsert, work.key);
  const std::size_t bytes = footprint(work, ordered);
  const SteadyTime wished = now + (work.may_gather ? limits_.patience : limits_.delay);
  due_ = queued_.empty() ? wished : std::min(due_, wished);
  Change& change = queued_[std::move(ordered)];
  check(change.bytes == 0 || change.upsert.name == work.upsert.name,
        "a queued table has one upsert: the last one wins");
  bytes_ += bytes - change.bytes;
  change.bytes = bytes;
  change.upsert = work.upsert;
  change.key = std::move(work.key);
  change.values = std::move(work.values);
  if (work.wait_until_kept)
    change.waiters.append(work);
  else
    change.must_be_kept = true;
  return !work.wait_until_kept;
}

std::optional<SteadyTime> WriteBehind::due() const {
  if (!flushers_.empty()) return SteadyTime{};
  if (queued_.empty()) return std::nullopt;
  const bool enough = queued_.size() >= limits_.rows || !without_room_.empty();
  return std::max(not_before_, enough ? SteadyTime{} : due_);
}

WriteBehind::Batch WriteBehind::take() {
  Batch batch;
  batch.changes.swap(queued_);
  batch.flushers.take_from(flushers_);
  for (const auto& [ordered, change] : batch.changes) being_written_.emplace(ordered, &change);
  return batch;
}

const WriteBehind::Change* WriteBehind::find(const std::string& ordered) const {
  if (const auto newest = queued_.find(ordered); newest != queued_.end()) return &newest->second;
  const auto taken = being_written_.find(ordered);
  return taken != being_written_.end() ? taken->second : nullptr;
}

BehindChain WriteBehind::leaves(const Changes& done, SteadyTime now) {
  for (const auto& [ordered, change] : done) {
    bytes_ -= change.bytes;
    being_written_.erase(ordered);
  }
  BehindChain in_at_last;
  while (bytes_ < limits_.bytes) {
    BehindWork* const work = without_room_.pop();
    if (work == nullptr) break;
    if (enter(*work, now)) in_at_last.append(*work);
  }
  return in_at_last;
}

BehindChain WriteBehind::come_back(Changes changes, SteadyTime again) {
  for (auto& [ordered, change] : changes) {
    being_written_.erase(ordered);
    const bool newer_is_queued = queued_.contains(ordered);
    if (newer_is_queued || !change.must_be_kept) {
      bytes_ -= change.bytes;
      if (newer_is_queued) queued_[ordered].must_be_kept |= change.must_be_kept;
      continue;
    }
    if (queued_.empty()) due_ = again;
    queued_.emplace(ordered, std::move(change));
  }
  not_before_ = again;
  return std::exchange(without_room_, {});
}

void tell_written(WriteBehind::Changes& changes) {
  for (auto& [ordered, change] : changes) {
    if (change.failure && change.must_be_kept)
      log_error("row_dropped", {{"statement", change.upsert.name}, {"error", words_of(change.failure)}});
    change.waiters.resume_all(change.failure);
  }
}

void tell_failed(WriteBehind::Changes& changes, const std::exception_ptr& failure) {
  for (auto& [ordered, change] : changes) {
    change.waiters.resume_all(failure);
    change.failure = nullptr;
  }
}

void lose(const WriteBehind::Changes& changes, const std::exception_ptr& failure) {
  std::size_t lost = 0;
  for (const auto& [ordered, change] : changes) lost += change.must_be_kept ? 1 : 0;
  if (lost > 0) log_error("rows_lost", {{"rows", lost}, {"error", words_of(failure)}});
}

std::optional<QueuedRow> look_up(const WriteBehind& queue, const Upsert& what, std::span<const Value> key,
                                 std::mutex& guard) {
  const std::string ordered = ordered_key(what, key);
  const std::lock_guard lock{guard};
  const WriteBehind::Change* const change = queue.find(ordered);
  if (change == nullptr) return std::nullopt;
  return QueuedRow{change->values};
}

bool add_and_wake(WriteBehind& queue, BehindWork& work, std::mutex& guard, std::condition_variable& arrived) {
  std::optional<SteadyTime> due_before;
  std::optional<SteadyTime> due_after;
  bool done = false;
  {
    const std::lock_guard lock{guard};
    due_before = queue.due();
    done = queue.add(work, std::chrono::steady_clock::now());
    due_after = queue.due();
  }
  // `work` may be gone from here on.
  if (due_before != due_after) arrived.notify_one();
  return done;
}

}  // namespace meerkat::sql
