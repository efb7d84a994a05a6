// SPDX-License-Identifier: Apache-2.0
// Tells one target all metrics now and then, on a thread of its own: a target that hangs keeps nobody else waiting.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics/exometer.h"
#include "base/trouble.h"
#include "store/pool/back_off.h"
#include "store/reports/target.h"

namespace meerkat::reports {

// What cannot be sent is tried again until the next report is due, which takes its place: one report is held, no more.
// A line in the log says when it begins to fail, and when it works again.
class Reporter {
 public:
  // `collect` is called on the reporter's thread. The first report comes after one interval.
  Reporter(std::string name, std::chrono::milliseconds interval, std::unique_ptr<Target> target,
           std::function<std::vector<metrics::ExometerMetric>()> collect);
  // Waits for what is under way, which is given up.
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

 private:
  void run();
  void report(SteadyTime until);
  bool send(const std::vector<std::string>& pieces);
  // False when the reporter ends.
  bool wait_until(SteadyTime when) const;

  const std::string name_;
  const std::chrono::milliseconds interval_;
  const std::unique_ptr<Target> target_;
  const std::function<std::vector<metrics::ExometerMetric>()> collect_;
  Trouble trouble_;
  BackOff back_off_{{.first = std::chrono::milliseconds{500}, .longest = std::chrono::milliseconds{30'000}}};
  const int stop_;  // an eventfd that is readable from the end on
  std::thread thread_;
};

}  // namespace meerkat::reports
