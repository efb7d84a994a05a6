// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/report.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/test_directory.h"
#include "base/version.h"
#include "core/module_entry.h"
#include "core/traffic.h"
#include "services/system_metrics/facts.h"
#include "services/system_metrics/report_file.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> names_of(const Report& report) {
  std::vector<std::string> names;
  names.reserve(report.size());
  for (const ReportItem& item : report) names.push_back(item.name);
  return names;
}

std::string told(const Report& report, std::string_view name) {
  std::string all;
  for (const ReportItem& item : report)
    if (item.name == name) all += params_json(item);
  return all;
}

class SomeModule final : public ConfiguredModule {
 public:
  SomeModule(std::string_view name, Backend backend, std::vector<NeededPool> pools = {})
      : name_(name), backend_(backend), pools_(std::move(pools)) {}
  std::string_view name() const override { return name_; }
  const std::string& written() const override { return written_; }
  std::vector<std::string> served_domains(std::string_view) const override { return {}; }
  std::vector<NeededPool> needed_pools() const override { return pools_; }
  Backend keeps_in() const override { return backend_; }
  std::unique_ptr<Module> start(HostType&) const override { return nullptr; }

 private:
  std::string_view name_;
  std::string written_;
  Backend backend_;
  std::vector<NeededPool> pools_;
};

std::string text_in(const std::filesystem::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("a report has its items in MongooseIM's order") {
  const SystemFacts facts{.host_types = 2,
                          .domains = 3,
                          .modules = disclosed(SomeModule{"mod_last", Backend::rdbms}),
                          .components = 4,
                          .http_handlers = {"mongoose_websocket_handler", "mongoose_bosh_handler", "other_handler"},
                          .serves_tcp = true,
                          .tls_modes = {"starttls", "tls"},
                          .pools = {"http", "rdbms"}};

  const Report report = make_report(facts, {.uptime = 1h});

  const std::vector<std::string> expected{
      "host_count",        "domain_count",        "module_with_opt",   "custom_module_count", "cluster",
      "http_api",          "transport_mechanism", "tls_option",        "tls_option",          "outgoing_pool",
      "outgoing_pool",     "xmpp_stanza_count",   "xmpp_stanza_count", "xmpp_stanza_count",   "xmpp_stanza_count",
      "xmpp_stanza_count", "xmpp_stanza_count"};
  CHECK(names_of(report) == expected);
  CHECK(told(report, "host_count") == R"({"value":2})");
  CHECK(told(report, "domain_count") == R"({"value":3})");
  CHECK(told(report, "module_with_opt") == R"({"module":"mod_last","backend":"rdbms"})");
  CHECK(told(report, "custom_module_count") == R"({"value":0})");
  CHECK(told(report, "http_api") == R"({"mongoose_bosh_handler":"enabled","mongoose_websocket_handler":"enabled"})");
  CHECK(told(report, "transport_mechanism") ==
        R"({"tcp":"enabled","mongoose_bosh_handler":"enabled","mongoose_websocket_handler":"enabled"})");
  CHECK(told(report, "tls_option") == R"({"mode":"starttls","module":"openssl"}{"mode":"tls","module":"openssl"})");
  CHECK(told(report, "outgoing_pool") == R"({"value":"http"}{"value":"rdbms"})");
}

TEST_CASE("the time since the start is told in days, hours, minutes and seconds") {
  const auto told_of = [](std::chrono::seconds uptime) {
    return told(make_report({.nodes = 1, .components = 1}, {.uptime = uptime}), "cluster");
  };
  const std::string rest =
      R"(","version":")" + std::string{product_version} + R"(","component":1,"node_number":1,"config_type":"toml"})";

  CHECK(told_of(0s) == R"({"uptime":"0000-00:00:00)" + rest);
  CHECK(told_of(std::chrono::days{12} + 3h + 4min + 5s) == R"({"uptime":"0012-03:04:05)" + rest);
  CHECK(told_of(std::chrono::days{12345} + 23h) == R"({"uptime":"12345-23:00:00)" + rest);
}

TEST_CASE("stanzas are told as totals, and as what has come since the report before") {
  const Report report = make_report({}, {.totals = {10, 20, 30, 40, 50, 5}, .before = {4, 20, 0, 39, 0, 50}});

  CHECK(told(report, "xmpp_stanza_count") == R"({"stanza_type":"xmppMessageSent","total":10,"increment":6})"
                                             R"({"stanza_type":"xmppIqSent","total":20,"increment":0})"
                                             R"({"stanza_type":"xmppPresenceSent","total":30,"increment":30})"
                                             R"({"stanza_type":"xmppMessageReceived","total":40,"increment":1})"
                                             R"({"stanza_type":"xmppIqReceived","total":50,"increment":50})"
                                             R"({"stanza_type":"xmppPresenceReceived","total":5,"increment":5})");
}

TEST_CASE("totals of stanzas are summed over all labels") {
  metrics::Registry registry;
  const ElementTraffic one{registry, "c2s", "a.example"};
  const ElementTraffic other{registry, "c2s", "b.example"};
  for (int i = 0; i < 3; ++i) one.in.add(ElementKind::message, 999);
  for (int i = 0; i < 4; ++i) other.in.add(ElementKind::message, 1);
  other.in.add(ElementKind::iq, 1);
  other.in.add(ElementKind::other, 1);
  for (int i = 0; i < 9; ++i) one.out.add(ElementKind::presence, 1);

  CHECK(stanza_totals(registry.read()) == StanzaTotals{7, 1, 0, 0, 0, 9});
  CHECK(stanza_totals({}) == StanzaTotals{});
}

TEST_CASE("of modules that MongooseIM discloses, the name and the backend are told in its words; others are not told") {
  const auto told_of = [](const SomeModule& module) { return told(disclosed(module), "module_with_opt"); };

  CHECK(told_of({"mod_roster", Backend::embedded}) == R"({"module":"mod_roster","backend":"mnesia"})");
  CHECK(told_of({"mod_roster", Backend::rdbms}) == R"({"module":"mod_roster","backend":"rdbms"})");
  CHECK(told_of({"mod_vcard", Backend::embedded, {{"ldap.pool_tag", "ldap", "secret_tag"}}}) ==
        R"({"module":"mod_vcard","backend":"ldap"})");
  CHECK(told_of({"mod_csi", Backend::embedded}) == R"({"module":"mod_csi"})");
  CHECK(told_of({"mod_of_our_own", Backend::embedded}).empty());
  CHECK(told_of({"mod_ping", Backend::embedded}).empty());
}

TEST_CASE("of the event pusher each kind of service it tells is told, and the modules that do it") {
  const SomeModule module{"mod_event_pusher",
                          Backend::embedded,
                          {{"rabbit", "rabbit", "event_pusher"}, {"http.a", "http", "x"}, {"http.b", "http", "y"}}};

  CHECK(told(disclosed(module), "module_with_opt") ==
        R"({"module":"mod_event_pusher","backend":"http"}{"module":"mod_event_pusher","backend":"rabbit"})"
        R"({"module":"mod_event_pusher_http"}{"module":"mod_event_pusher_rabbit"})");
  CHECK(told(disclosed(SomeModule{"mod_event_pusher", Backend::embedded}), "module_with_opt") ==
        R"({"module":"mod_event_pusher"})");
}

TEST_CASE("the file shows one parameter to a line, a request takes no room for looks") {
  const Report report{{"host_count", {{"value", 1}}}, {"odd", {{"quote", "a\"b\n"}, {"number", -2}}}, {"empty", {}}};

  CHECK(pretty_json(report) == R"([
  {
    "name": "host_count",
    "params": {
      "value": 1
    }
  },
  {
    "name": "odd",
    "params": {
      "quote": "a\"b\n",
      "number": -2
    }
  },
  {
    "name": "empty",
    "params": {}
  }
]
)");
  CHECK(pretty_json({}) == "[]\n");
  CHECK(request_body("id", report) ==
        R"({"client_id":"id","events":[{"name":"host_count","params":{"value":1}},)"
        R"({"name":"odd","params":{"quote":"a\"b\n","number":-2}},{"name":"empty","params":{}}]})");
}

TEST_CASE("a report file takes the place of the one before, and only the server's user and group may read it") {
  const TestDirectory directory;
  const auto file = directory / report_file_name;
  directory.write(std::string{report_file_name} + ".new", "left by a server that was killed");

  write_report_file(file, "one");
  write_report_file(file, "two");

  CHECK(text_in(file) == "two");
  CHECK_FALSE(std::filesystem::exists(file.string() + ".new"));
  using std::filesystem::perms;
  constexpr perms nobody_else = perms::others_all | perms::group_write | perms::group_exec | perms::owner_exec;
  CHECK((std::filesystem::status(file).permissions() & nobody_else) == perms::none);
}

TEST_CASE("a report that cannot be written leaves the one before, and says which file it is about") {
  const TestDirectory directory;
  const auto file = directory / "no_such_directory" / report_file_name;
  CHECK_THROWS_WITH(write_report_file(file, "one"), (file.string() + ": No such file or directory").c_str());
}
