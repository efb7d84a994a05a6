// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/version.h"
#include "services/system_metrics/facts.h"

namespace meerkat {
namespace {

struct StanzaSource {
  std::string_view type;   // in reports
  std::string_view event;  // in the registry
  std::string_view measurement;
};

constexpr StanzaSource stanza_sources[] = {{"xmppMessageSent", "xmpp_element_in", "message_count"},
                                           {"xmppIqSent", "xmpp_element_in", "iq_count"},
                                           {"xmppPresenceSent", "xmpp_element_in", "presence_count"},
                                           {"xmppMessageReceived", "xmpp_element_out", "message_count"},
                                           {"xmppIqReceived", "xmpp_element_out", "iq_count"},
                                           {"xmppPresenceReceived", "xmpp_element_out", "presence_count"}};
static_assert(std::size(stanza_sources) == std::tuple_size_v<StanzaTotals>);

std::uint64_t value_of(const metrics::SeriesReading& series, std::string_view measurement) {
  const auto measured = series.event.measured();
  for (std::size_t i = 0; i < measured.size(); ++i)
    if (measured[i].name == measurement)
      if (const auto* const value = std::get_if<std::int64_t>(&series.readings[i]))
        return static_cast<std::uint64_t>(std::max<std::int64_t>(*value, 0));
  return 0;
}

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

ReportItem count_item(std::string_view name, std::size_t value) {
  return {std::string{name}, {{"value", number(value)}}};
}

// "0012-03:04:05": days, hours, minutes, seconds.
std::string uptime_text(std::chrono::seconds uptime) {
  const auto count = std::max<std::int64_t>(uptime.count(), 0);
  return fmt::format("{:04}-{:02}:{:02}:{:02}", count / 86400, count / 3600 % 24, count / 60 % 60, count % 60);
}

// What is there, each as a parameter; no item when there is none.
void add_enabled(Report& report, std::string_view name, std::span<const std::string> what) {
  if (what.empty()) return;
  ReportItem item{std::string{name}, {}};
  for (const std::string& each : what) item.params.emplace_back(each, "enabled");
  report.push_back(std::move(item));
}

void add_listeners(Report& report, const SystemFacts& facts) {
  constexpr std::string_view disclosed[] = {"mongoose_bosh_handler", "mongoose_graphql_handler",
                                            "mongoose_websocket_handler"};
  std::vector<std::string> apis;
  std::vector<std::string> transports;
  if (facts.serves_tcp) transports.emplace_back("tcp");
  for (const std::string_view handler : disclosed) {
    if (std::ranges::find(facts.http_handlers, handler) == facts.http_handlers.end()) continue;
    apis.emplace_back(handler);
    if (handler != "mongoose_graphql_handler") transports.emplace_back(handler);
  }
  add_enabled(report, "http_api", apis);
  add_enabled(report, "transport_mechanism", transports);
  for (const std::string& mode : facts.tls_modes)
    report.push_back({"tls_option", {{"mode", mode}, {"module", "openssl"}}});
}

// A host type that was taken away took its stanzas along, so a total may be lower than the one before.
void add_stanzas(Report& report, const ReportMoment& moment) {
  for (std::size_t i = 0; i < moment.totals.size(); ++i) {
    const std::uint64_t total = moment.totals[i];
    const std::uint64_t before = moment.before[i] <= total ? moment.before[i] : 0;
    report.push_back({"xmpp_stanza_count",
                      {{"stanza_type", std::string{stanza_sources[i].type}},
                       {"total", number(total)},
                       {"increment", number(total - before)}}});
  }
}

std::string json_of(const ReportItem::Value& value) {
  const auto* const text = std::get_if<std::string>(&value);
  return text != nullptr ? json_string(*text) : std::to_string(std::get<std::int64_t>(value));
}

}  // namespace

StanzaTotals stanza_totals(std::span<const metrics::SeriesReading> all) {
  StanzaTotals totals{};
  for (const metrics::SeriesReading& series : all)
    for (std::size_t i = 0; i < totals.size(); ++i)
      if (series.event.name == stanza_sources[i].event) totals[i] += value_of(series, stanza_sources[i].measurement);
  return totals;
}

Report make_report(const SystemFacts& facts, const ReportMoment& moment) {
  Report report{count_item("host_count", facts.host_types), count_item("domain_count", facts.domains)};
  report.insert(report.end(), facts.modules.begin(), facts.modules.end());
  report.push_back(count_item("custom_module_count", facts.custom_modules));
  report.push_back({"cluster",
                    {{"uptime", uptime_text(moment.uptime)},
                     {"version", std::string{product_version}},
                     {"component", number(facts.components)},
                     {"node_number", number(facts.nodes)},
                     {"config_type", "toml"}}});
  add_listeners(report, facts);
  for (const std::string& kind : facts.pools) report.push_back({"outgoing_pool", {{"value", kind}}});
  add_stanzas(report, moment);
  return report;
}

std::string pretty_json(std::span<const ReportItem> report) {
  std::string text = "[";
  for (const ReportItem& item : report) {
    text += text.size() == 1 ? "\n" : ",\n";
    text += fmt::format("  {{\n    \"name\": {},\n    \"params\": {{", json_string(item.name));
    std::string_view between = "\n";
    for (const auto& [key, value] : item.params) {
      text += fmt::format("{}      {}: {}", between, json_string(key), json_of(value));
      between = ",\n";
    }
    text += item.params.empty() ? "}\n  }" : "\n    }\n  }";
  }
  return text + (report.empty() ? "]\n" : "\n]\n");
}

std::string params_json(const ReportItem& item) {
  std::string text;
  for (const auto& [key, value] : item.params)
    text += fmt::format("{}{}:{}", text.empty() ? "{" : ",", json_string(key), json_of(value));
  return text.empty() ? "{}" : text + "}";
}

std::string request_body(std::string_view client_id, std::span<const ReportItem> events) {
  std::string text = fmt::format("{{\"client_id\":{},\"events\":[", json_string(client_id));
  for (const ReportItem& item : events)
    text += fmt::format("{}{{\"name\":{},\"params\":{}}}", text.ends_with('[') ? "" : ",", json_string(item.name),
                        params_json(item));
  return text + "]}";
}

}  // namespace meerkat
