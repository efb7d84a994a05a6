// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/system_reports.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/metrics/registry.h"
#include "services/system_metrics/client_id.h"
#include "services/system_metrics/own_connection.h"
#include "services/system_metrics/report_file.h"
#include "store/http/client.h"
#include "store/http/form.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_request = 10s;
constexpr std::string_view guide = "docs/guide/system-metrics.md";
constexpr std::string_view nobody = "nobody: there is no tracking_id";

std::chrono::seconds uptime_of(const Hall& hall) {
  return std::chrono::duration_cast<std::chrono::seconds>(hall.worker.clock().steady() - hall.made);
}

// What a report came to, off the worker.
struct Written {
  StanzaTotals totals{};
  Report report;
  std::string failure;  // of the file
};

Written write_one(const ReportPlan& plan, const metrics::Registry& registry, ReportMoment moment) {
  Written written;
  written.totals = moment.totals = stanza_totals(registry.read());
  written.report = make_report(plan.facts, moment);
  try {
    write_report_file(plan.file, pretty_json(written.report));
  } catch (const std::exception& failure) {
    written.failure = failure.what();  // told on the worker
  }
  return written;
}

}  // namespace

SystemReports::SystemReports(Hall& hall, http::Service* way) : hall_(hall), test_way_(way) {}

SystemReports::~SystemReports() { stops(); }

void SystemReports::stops() noexcept {
  gives_up();
  timer_.cancel();
  thread_.reset();
  scope_.abandon();
}

void SystemReports::follow(std::shared_ptr<const ReportPlan> plan) {
  const std::shared_ptr<const ReportPlan> old = std::exchange(plan_, std::move(plan));
  if (old && old->options == plan_->options) return;
  announce();
  overtaken_ = false;
  timer_.cancel();
  if (!plan_->is_on()) return;
  if (!thread_) thread_ = std::make_unique<BlockingPool>("system_metrics", 1);
  arm(plan_->options->initial_report);
}

// MongooseIM's two words, at every start.
void SystemReports::announce() const {
  if (!plan_->options)
    return log_warning(
        "system_metrics_disabled",
        {{"what_it_is", "reports now and then what kind of server this is, to a file and to whom you say"},
         {"docs", guide},
         {"to_silence", "write report = false under [services.service_mongoose_system_metrics]"}});
  if (plan_->options->report) return;
  log_warning("report_transparency",
              {{"gathered", "version, uptime, kinds of modules, listeners and pools, numbers of hosts and stanzas"},
               {"report_file", plan_->file.string()},
               {"sent_to", plan_->options->tracking_id ? std::string_view{plan_->options->endpoint} : nobody},
               {"docs", guide},
               {"to_silence", "write report = true, or report = false for no reports"}});
}

void SystemReports::arm(std::chrono::milliseconds after) {
  next_ = hall_.worker.clock().steady() + after;
  timer_.set(hall_.worker.timers(), after, [](void* self) { static_cast<SystemReports*>(self)->due(); }, this);
}

void SystemReports::due() {
  arm(plan_->options->periodic_report);
  overtaken_ = at_it_;
  if (!at_it_) scope_.spawn(make_reports());
}

Task<> SystemReports::make_reports() {
  at_it_ = true;
  do {
    overtaken_ = false;
    co_await make_one();
  } while (overtaken_ && plan_->is_on() && !given_up_);
  at_it_ = false;
}

Task<> SystemReports::make_one() {
  const std::shared_ptr<const ReportPlan> plan = plan_;
  const ReportMoment moment{.uptime = uptime_of(hall_), .before = before_};
  Written written =
      co_await thread_->run([&plan, &registry = hall_.metrics, &moment] { return write_one(*plan, registry, moment); });
  wrote(*plan, written.failure);
  std::string failure;
  if (plan->options->tracking_id) {
    try {
      co_await send(plan, std::move(written.report));
    } catch (const std::exception& why) {
      failure = why.what();  // told below
    }
    if (is_over(*plan) || given_up_) co_return;
    sent(*plan->options, failure);
  }
  // What a collector did not get is part of the next increment.
  if (failure.empty()) before_ = written.totals;
}

bool SystemReports::is_over(const ReportPlan& plan) const { return plan_->options != plan.options; }

Report SystemReports::report(const StanzaTotals& totals) const {
  return make_report(plan_->facts, {.uptime = uptime_of(hall_), .totals = totals, .before = before_});
}

SystemReports::Status SystemReports::status() const {
  Status status = status_;
  status.on = plan_->is_on();
  status.file = plan_->file;
  if (!status.on) return status;
  const Clock& clock = hall_.worker.clock();
  status.next = clock.wall() + std::chrono::duration_cast<WallTime::duration>(next_ - clock.steady());
  if (!plan_->options->tracking_id) return status;
  status.sent_to = plan_->options->endpoint;
  status.id = plan_->options->tracking_id->id;
  return status;
}

// In as many requests as it takes; the first that fails is the last.
Task<> SystemReports::send(std::shared_ptr<const ReportPlan> plan, Report report) {
  status_.client_id = co_await find_client_id(*hall_.database, hall_.pools->rdbms.find({}));
  for (std::span<const ReportItem> left{report}; !left.empty();) {
    if (overtaken_) throw std::runtime_error{"it took so long that the time of the next report has come"};
    if (given_up_ || is_over(*plan)) co_return;
    const std::span<const ReportItem> events = left.first(std::min(left.size(), most_events));
    left = left.subspan(events.size());
    co_await post(*plan, request_body(status_.client_id, events));
  }
}

// Throws unless it was taken.
Task<> SystemReports::post(const ReportPlan& plan, std::string body) {
  http::Request request{
      .method = http::Method::post, .body = std::move(body), .content_type = "application/json", .is_secret = true};
  http::Service& way = way_of(plan, request.path);
  const TrackingId& to = *plan.options->tracking_id;
  request.path += "?" + http::form({{"api_secret", to.secret}, {"measurement_id", to.id}});
  const http::Response response = co_await way.request(std::move(request));
  if (!response.is_good()) throw std::runtime_error{fmt::format("the answer has status {}", response.status)};
}

http::Service& SystemReports::way_of(const ReportPlan& plan, std::string& path) {
  if (plan.options->pool) {
    path = plan.path;
    if (http::Client* const pool = hall_.pools->http.find({}, *plan.options->pool)) return *pool;
    throw std::runtime_error{"there is no pool http." + *plan.options->pool};
  }
  const Endpoint endpoint = read_endpoint(plan.options->endpoint).value_or(Endpoint{});
  path = endpoint.path;
  if (test_way_ != nullptr) return *test_way_;
  own_way_ = std::make_unique<OwnConnection>(
      *thread_, given_up_,
      http::Connection{.host = endpoint.host, .path_prefix = "", .request_timeout = longest_request});
  return *own_way_;
}

void SystemReports::wrote(const ReportPlan& plan, const std::string& failure) {
  status_.failure = failure;
  if (!failure.empty()) {
    if (file_trouble_.begins())
      log_warning("system_metrics_not_written",
                  {{"error", failure}, {"now", "it is tried again with the next report"}});
    return;
  }
  ++status_.reports;
  status_.latest = hall_.worker.clock().wall();
  if (const auto failures = file_trouble_.ends())
    log_notice("system_metrics_written", {{"file", plan.file.string()}, {"failures", *failures}});
}

void SystemReports::sent(const SystemMetricsOptions& options, const std::string& failure) {
  if (!failure.empty()) {
    status_.failure = failure;
    if (way_trouble_.begins())
      log_warning(
          "system_metrics_not_sent",
          {{"endpoint", options.endpoint}, {"error", failure}, {"next_try_in_ms", options.periodic_report.count()}});
  } else if (const auto failures = way_trouble_.ends()) {
    log_notice("system_metrics_sent", {{"endpoint", options.endpoint}, {"failures", *failures}});
  }
}

}  // namespace meerkat
