// SPDX-License-Identifier: Apache-2.0
#include "store/reports/graphite.h"

#include <array>

#include "base/metrics/reports.h"

namespace meerkat::reports {
namespace {

using namespace std::chrono_literals;

// For the whole report: whoever takes longer does not keep up.
constexpr auto longest_write = 10s;

}  // namespace

std::vector<std::string> Graphite::written(std::span<const metrics::ExometerMetric> all, WallTime now) const {
  return {metrics::graphite_lines(all, prefix_, now)};
}

bool Graphite::is_over() {
  std::array<char, 64> nothing{};
  bool ended = false;
  try {
    return socket_.read_now(nothing, ended) > 0 || ended;
  } catch (const std::runtime_error&) {
    return true;  // a new connection will tell whether something is wrong
  }
}

void Graphite::send(std::span<const std::string> pieces, int stop) {
  socket_.give_up_when_readable(stop);
  try {
    if (socket_.is_open() && is_over()) socket_.close();
    if (!socket_.is_open())
      socket_.connect(options_.host, options_.port, std::chrono::steady_clock::now() + options_.connect_timeout);
    const SteadyTime until = std::chrono::steady_clock::now() + longest_write;
    for (const std::string& piece : pieces) socket_.write(piece, until);
  } catch (...) {
    socket_.close();
    throw;
  }
}

}  // namespace meerkat::reports
