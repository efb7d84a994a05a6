// SPDX-License-Identifier: Apache-2.0
// The features behind hashes that were verified, for all sessions of a host type: whoever announced a hash last, and
// whoever comes with it next, is not asked (XEP-0115 §8.2, XEP-0390 §6.2.1).
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "modules/caps/caps_events.h"

namespace meerkat {

// Any thread. Asked when a session announces something else than before, not for each presence.
class KnownFeatures {
 public:
  // Clients of one kind share a hash, so a few hundred serve a large server; more is somebody who makes them up.
  static constexpr std::size_t most = 1000;
  static constexpr std::size_t most_bytes = 8 * 1024 * 1024;

  std::shared_ptr<const ClientFeatures> find(std::string_view key);
  // The ones that nobody has asked for the longest time go when there are too many. Sessions keep what they have.
  void add(std::shared_ptr<const ClientFeatures> features);
  std::size_t size() const;

 private:
  using Order = std::list<std::shared_ptr<const ClientFeatures>>;  // last used first
  void drop_oldest();

  mutable std::mutex lock_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> by_key_;  // the keys stand in the features
  std::size_t bytes_ = 0;
};

}  // namespace meerkat
