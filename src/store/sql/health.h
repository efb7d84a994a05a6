// SPDX-License-Identifier: Apache-2.0
// Whether one side of a database works; says so in the log when that changes, and only then.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace meerkat::sql {

// Any thread.
class Health {
 public:
  // `side`: "reads" or "writes". A full disk stops the one and not the other.
  Health(std::string database, std::string_view side) : database_(std::move(database)), side_(side) {}

  void failed(std::string_view error);
  void worked();
  bool good() const { return good_.load(std::memory_order_relaxed); }

 private:
  const std::string database_;
  const std::string_view side_;
  std::atomic<bool> good_{true};
};

}  // namespace meerkat::sql
