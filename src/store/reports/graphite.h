// SPDX-License-Identifier: Apache-2.0
// Graphite's plaintext protocol: a line for each value, over a TCP connection that stays open. Nothing is answered.
#pragma once

#include "net/client_socket.h"
#include "store/reports/report_options.h"
#include "store/reports/target.h"

namespace meerkat::reports {

class Graphite final : public Target {
 public:
  explicit Graphite(GraphiteOptions options) : options_(std::move(options)), prefix_(prefix_of(options_)) {}

  std::vector<std::string> written(std::span<const metrics::ExometerMetric> all, WallTime now) const override;
  void send(std::span<const std::string> pieces, int stop) override;

 private:
  // Carbon has closed the connection, or sent what it should not.
  bool is_over();

  const GraphiteOptions options_;
  const std::string prefix_;
  ClientSocket socket_;
};

}  // namespace meerkat::reports
