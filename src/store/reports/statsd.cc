// SPDX-License-Identifier: Apache-2.0
#include "store/reports/statsd.h"

#include <poll.h>

#include <cstddef>

#include "base/metrics/reports.h"

namespace meerkat::reports {
namespace {

// Fits into a frame of Ethernet with the headers of IPv6, so it is not cut.
constexpr std::size_t largest_datagram = 1432;
// So many at once fit into any receiver's buffer; then it gets a moment.
constexpr std::size_t volley = 32;
constexpr int moment = 2;  // milliseconds

}  // namespace

std::vector<std::string> Statsd::written(std::span<const metrics::ExometerMetric> all, WallTime) const {
  return metrics::statsd_datagrams(all, prefix_, largest_datagram);
}

void Statsd::send(std::span<const std::string> pieces, int stop) {
  try {
    if (!socket_) socket_.emplace(options_.host, options_.port);
    std::size_t sent = 0;
    for (const std::string& piece : pieces) {
      socket_->send(piece);
      ::pollfd stopping{stop, POLLIN, 0};
      if (++sent % volley == 0 && ::poll(&stopping, 1, moment) > 0) return;
    }
    socket_->check_refusal();
  } catch (...) {
    socket_.reset();  // its name may stand for another address by now
    throw;
  }
}

}  // namespace meerkat::reports
