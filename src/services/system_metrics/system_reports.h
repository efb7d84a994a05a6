// SPDX-License-Identifier: Apache-2.0
// service_mongoose_system_metrics: every few hours a report of what kind of server this is goes into a file, and to a
// collector if the operator has named one. docs/guide/system-metrics.md says what is in it.
//
// One report is made at a time. When the time of the next one comes while one is still being sent, that one is given up
// after the request that is under way, and the next one begins at once. What fails is not tried again before the next
// report.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/trouble.h"
#include "core/hall.h"
#include "runtime/blocking_pool.h"
#include "runtime/scope.h"
#include "runtime/timer.h"
#include "services/system_metrics/facts.h"
#include "services/system_metrics/options.h"
#include "services/system_metrics/report.h"
#include "store/http/message.h"

namespace meerkat {

// What the configuration makes of it. Immutable.
struct ReportPlan {
  std::optional<SystemMetricsOptions> options;  // none: the service is not configured
  SystemFacts facts;
  std::filesystem::path file;  // for reports
  std::string path;            // of a request over the pool that the options name

  bool is_on() const { return options && options->is_on(); }
};

// One per server, on the worker of the hall, except for the constructor, `stops` and the destructor.
class SystemReports final {
 public:
  struct Status {
    bool on = false;
    std::string sent_to;    // the endpoint; empty: nobody
    std::string id;         // the tracking id
    std::string client_id;  // empty until something has been sent
    std::filesystem::path file;
    std::uint64_t reports = 0;       // since the start
    std::optional<WallTime> latest;  // when the latest one was written
    std::optional<WallTime> next;
    std::string failure;  // why the latest one was not sent, or not written
  };

  // The hall outlives it. `way` is for tests: it takes the place of what the options say.
  explicit SystemReports(Hall& hall, http::Service* way = nullptr);
  // After `stops`, or before it was started.
  ~SystemReports();
  SystemReports(const SystemReports&) = delete;
  SystemReports& operator=(const SystemReports&) = delete;

  // At the start, and whenever the configuration has changed. What is different begins anew, with its first report
  // after initial_report; the log is told what the operator should know.
  void follow(std::shared_ptr<const ReportPlan> plan);
  // The server stops: nothing more is sent, and what is under way is given up. Any thread.
  void gives_up() { given_up_.store(true, std::memory_order_relaxed); }
  // When the worker, the databases and the pools have stopped: waits for its thread, a tenth of a second at most.
  void stops() noexcept;

  // What would be sent now, whether or not it ever is; `totals` are those of the registry.
  Report report(const StanzaTotals& totals) const;
  Status status() const;

 private:
  void announce() const;
  void arm(std::chrono::milliseconds after);
  void due();
  Task<> make_reports();
  Task<> make_one();
  Task<> send(std::shared_ptr<const ReportPlan> plan, Report report);
  Task<> post(const ReportPlan& plan, std::string body);
  http::Service& way_of(const ReportPlan& plan, std::string& path);
  bool is_over(const ReportPlan& plan) const;
  void wrote(const ReportPlan& plan, const std::string& failure);
  void sent(const SystemMetricsOptions& options, const std::string& failure);

  Hall& hall_;
  http::Service* const test_way_;
  std::shared_ptr<const ReportPlan> plan_;
  std::atomic<bool> given_up_{false};
  std::unique_ptr<BlockingPool> thread_;  // for files, and for connections of our own; made when it is needed
  std::unique_ptr<http::Service> own_way_;
  Timer timer_;
  SteadyTime next_{};
  bool at_it_ = false;
  bool overtaken_ = false;  // by the time of the next report, or by another plan
  StanzaTotals before_{};
  Trouble file_trouble_, way_trouble_;
  Status status_;
  Scope scope_{"system_metrics"};
};

}  // namespace meerkat
