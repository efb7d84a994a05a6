// SPDX-License-Identifier: Apache-2.0
#include "admin/prometheus_handler.h"

#include <string>

#include "admin/office.h"
#include "admin/premises.h"
#include "base/text.h"

namespace meerkat::admin {
namespace {

// One takes some milliseconds; more wait only where somebody means ill.
constexpr std::size_t most_waiting = 8;

constexpr std::string_view text_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view open_metrics_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes what stands before the mark away, and the mark.
std::string_view next_part(std::string_view& rest, char mark) {
  const std::size_t end = rest.find(mark);
  const std::string_view part = trimmed(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

// "q=0", "q=0.000": not at all.
bool is_refusal(std::string_view parameter) {
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return false;
  return parameter.find_first_not_of("0.", 2) == std::string_view::npos;
}

bool accepts(std::string_view list, std::string_view type) {
  while (!list.empty()) {
    std::string_view parameters = next_part(list, ',');
    bool is_accepted = same_word(next_part(parameters, ';'), type);
    while (!parameters.empty()) is_accepted = !is_refusal(next_part(parameters, ';')) && is_accepted;
    if (is_accepted) return true;
  }
  return false;
}

std::string exposition(const Premises& premises, metrics::Exposition how) {
  std::string text = metrics::prometheus_text(premises.metrics.read(), {}, how);
  if (premises.process) text += metrics::process_text(premises.process(), {}, how);
  if (how == metrics::Exposition::open_metrics) text += metrics::end_of_open_metrics;
  return text;
}

}  // namespace

metrics::Exposition wanted_exposition(std::string_view accept) {
  const bool wants_open_metrics = accepts(accept, "application/openmetrics-text") && !accepts(accept, "text/plain");
  return wants_open_metrics ? metrics::Exposition::open_metrics : metrics::Exposition::text;
}

Task<HttpResponse> PrometheusHandler::answer(const HttpRequest& request) {
  const Premises& premises = office_->premises();
  if (premises.reader == nullptr || !premises.prometheus_may_read())
    co_return HttpResponse::text(404,
                                 "Metrics are not told here. The operator's [instrumentation.prometheus] does it.\n");
  if (premises.reader->waiting() >= most_waiting) co_return HttpResponse::plain(503);
  const metrics::Exposition how = wanted_exposition(request.headers.get("Accept"));
  const auto write = [&] { return exposition(premises, how); };
  std::string text = co_await premises.reader->run(write);
  const bool is_text = how == metrics::Exposition::text;
  co_return HttpResponse::of_type(is_text ? text_type : open_metrics_type, std::move(text));
}

HttpHandlerEntry prometheus_handler() {
  return http_handler_entry<PrometheusHandler>(
      "mongoose_prometheus_handler",
      config::Section<PrometheusHandlerOptions>{
          "mongoose_prometheus_handler",
          "What is counted and measured, for Prometheus: with [instrumentation.prometheus]. Whoever can reach it can "
          "read the names of all host types."});
}

}  // namespace meerkat::admin
