// SPDX-License-Identifier: Apache-2.0
// Whether one side of a database works; says so in the log when that changes, and only then.
#pragma once

#include <string>
#include <string_view>

#include "base/trouble.h"

namespace meerkat::sql {

// Any thread.
class Health {
 public:
  // `side`: "reads" or "writes". A full disk stops the one and not the other.
  Health(std::string database, std::string_view side) : database_(std::move(database)), side_(side) {}

  void failed(std::string_view error);
  void worked();
  bool good() const { return !trouble_.there(); }

 private:
  const std::string database_;
  const std::string_view side_;
  Trouble trouble_;
};

}  // namespace meerkat::sql
