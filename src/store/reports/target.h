// SPDX-License-Identifier: Apache-2.0
// Who is told: a server that takes reports, behind one connection.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics/exometer.h"

namespace meerkat::reports {

// On the thread of its reporter.
class Target {
 public:
  virtual ~Target() = default;

  // A report as it goes over the wire, in one or more pieces.
  virtual std::vector<std::string> written(std::span<const metrics::ExometerMetric> all, WallTime now) const = 0;
  // Connects first when it has to. Throws std::runtime_error with words for the operator. `stop`: a descriptor that is
  // readable when nobody wants it sent any more.
  virtual void send(std::span<const std::string> pieces, int stop) = 0;
};

}  // namespace meerkat::reports
