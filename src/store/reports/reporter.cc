// SPDX-License-Identifier: Apache-2.0
#include "store/reports/reporter.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"

namespace meerkat::reports {
namespace {

using std::chrono::steady_clock;

}  // namespace

Reporter::Reporter(std::string name, std::chrono::milliseconds interval, std::unique_ptr<Target> target,
                   std::function<std::vector<metrics::ExometerMetric>()> collect)
    : name_(std::move(name)),
      interval_(interval),
      target_(std::move(target)),
      collect_(std::move(collect)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  check(stop_ >= 0, "there is a descriptor left for a reporter");
  thread_ = std::thread{[this] { run(); }};
}

Reporter::~Reporter() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  ::close(stop_);
}

bool Reporter::wait_until(SteadyTime when) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - steady_clock::now());
    ::pollfd stopping{stop_, POLLIN, 0};
    if (::poll(&stopping, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000))) > 0) return false;
    if (steady_clock::now() >= when) return true;
  }
}

void Reporter::run() {
  ::pthread_setname_np(::pthread_self(), "reporter");
  SteadyTime next = steady_clock::now() + interval_;
  while (wait_until(next)) {
    next += interval_;
    if (const SteadyTime now = steady_clock::now(); next <= now) next = now + interval_;  // what was missed is missed
    report(next);
  }
}

void Reporter::report(SteadyTime until) {
  const std::vector<std::string> pieces = target_->written(collect_(), std::chrono::system_clock::now());
  while (!send(pieces)) {
    const SteadyTime again = steady_clock::now() + back_off_.failed(random_u64());
    if (again >= until || !wait_until(again)) return;
  }
  back_off_.worked();
}

bool Reporter::send(const std::vector<std::string>& pieces) {
  try {
    target_->send(pieces, stop_);
    if (const auto failures = trouble_.ends())
      log_notice("reports_arrive_again", {{"reporter", name_}, {"failures", *failures}});
    return true;
  } catch (const std::exception& failure) {  // told here, and tried again
    if (trouble_.begins() && wait_until(steady_clock::now()))
      log_warning("report_failed", {{"reporter", name_}, {"error", failure.what()}, {"now", "it is tried again"}});
    return false;
  }
}

}  // namespace meerkat::reports
