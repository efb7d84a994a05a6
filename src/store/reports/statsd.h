// SPDX-License-Identifier: Apache-2.0
// StatsD over UDP: what arrives is counted, what does not is lost, and nobody says so unless nobody listens.
#pragma once

#include <optional>

#include "store/reports/datagram_socket.h"
#include "store/reports/report_options.h"
#include "store/reports/target.h"

namespace meerkat::reports {

class Statsd final : public Target {
 public:
  explicit Statsd(StatsdOptions options) : options_(std::move(options)), prefix_(prefix_of(options_)) {}

  std::vector<std::string> written(std::span<const metrics::ExometerMetric> all, WallTime now) const override;
  void send(std::span<const std::string> pieces, int stop) override;

 private:
  const StatsdOptions options_;
  const std::string prefix_;
  std::optional<DatagramSocket> socket_;
};

}  // namespace meerkat::reports
