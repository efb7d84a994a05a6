// SPDX-License-Identifier: Apache-2.0
#include "core/limits/bucket_table.h"

#include <cstdlib>
#include <new>

namespace meerkat {

struct BucketTable::Locked {
  std::unique_lock<std::mutex> lock;
  Line& line;
  std::uint64_t key;

  Bucket* find() const {
    for (Place& place : line.places)
      if (place.key == key && place.bucket.full_at() != SteadyTime{}) return &place.bucket;
    return nullptr;
  }
  Bucket& make() const {
    if (Bucket* const found = find()) return *found;
    Place* fullest = &line.places.front();
    for (Place& place : line.places)
      if (place.bucket.full_at() < fullest->bucket.full_at()) fullest = &place;
    *fullest = {.key = key, .bucket = {}};
    return fullest->bucket;
  }
};

BucketTable::BucketTable(Pace pace) : interval_(pace.interval.count()), burst_(pace.burst) {}

BucketTable::~BucketTable() { std::free(table_.load()); }

void BucketTable::change(Pace pace) {
  interval_.store(pace.interval.count(), std::memory_order_relaxed);
  burst_.store(pace.burst, std::memory_order_relaxed);
}

Pace BucketTable::pace() const {
  return {.interval = std::chrono::nanoseconds{interval_.load(std::memory_order_relaxed)},
          .burst = burst_.load(std::memory_order_relaxed)};
}

// Zeros are full buckets, and the kernel gives zeros page by page as they are touched.
BucketTable::Line* BucketTable::table() const {
  std::call_once(made_, [this] {
    void* const zeros = std::calloc(lines, sizeof(Line));
    if (zeros == nullptr) throw std::bad_alloc();
    table_.store(static_cast<Line*>(zeros), std::memory_order_release);
  });
  return table_.load(std::memory_order_acquire);
}

BucketTable::Locked BucketTable::at(std::uint64_t key) const {
  Line* const table = this->table();
  const std::size_t line = key % lines;
  return {std::unique_lock{mutexes_[line % locks]}, table[line], key};
}

bool BucketTable::take(std::uint64_t key, SteadyTime now) {
  const Pace pace = this->pace();
  return pace.is_infinite() || at(key).make().take(pace, now);
}

void BucketTable::charge(std::uint64_t key, SteadyTime now) {
  const Pace pace = this->pace();
  if (!pace.is_infinite()) at(key).make().charge(pace, now);
}

void BucketTable::give_back(std::uint64_t key, SteadyTime now) {
  const Locked here = at(key);
  Bucket* const bucket = here.find();
  if (bucket != nullptr && bucket->full_at() > now) bucket->give_back(pace());
}

void BucketTable::forget(std::uint64_t key) {
  const Locked here = at(key);
  if (Bucket* const bucket = here.find()) *bucket = {};
}

std::chrono::nanoseconds BucketTable::wait(std::uint64_t key, SteadyTime now) const {
  const Pace pace = this->pace();
  if (pace.is_infinite()) return std::chrono::nanoseconds{0};
  const Locked here = at(key);
  const Bucket* const bucket = here.find();
  return bucket == nullptr ? std::chrono::nanoseconds{0} : std::max(bucket->wait(pace, now), {});
}

std::uint32_t BucketTable::missing(std::uint64_t key, SteadyTime now) const {
  const Locked here = at(key);
  const Bucket* const bucket = here.find();
  return bucket == nullptr ? 0 : bucket->missing(pace(), now);
}

}  // namespace meerkat
