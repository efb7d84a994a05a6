// SPDX-License-Identifier: Apache-2.0
// A bounded cache: when it is full, what was not used for longest goes.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace meerkat {

// One thread. All values are of about the same size, so they are only counted.
template <class Key, class Value>
class LruCache {
 public:
  // At least 1.
  explicit LruCache(std::size_t capacity) : capacity_(capacity) {}

  // Null when it is not here; valid until the cache changes.
  Value* find(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &found->second->second;
  }
  Value& put(const Key& key, Value value) {
    if (Value* const known = find(key)) return *known = std::move(value);
    if (by_use_.size() == capacity_) {
      places_.erase(by_use_.back().first);
      by_use_.pop_back();
    }
    by_use_.emplace_front(key, std::move(value));
    places_.emplace(key, by_use_.begin());
    return by_use_.front().second;
  }
  void erase(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    by_use_.erase(found->second);
    places_.erase(found);
  }
  std::size_t size() const { return by_use_.size(); }

 private:
  using Entries = std::list<std::pair<Key, Value>>;

  const std::size_t capacity_;
  Entries by_use_;  // the latest first
  std::unordered_map<Key, typename Entries::iterator> places_;
};

}  // namespace meerkat
