// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/system_reports.h"

#include <doctest/doctest.h>

#include <deque>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/test_file_log.h"
#include "core/test_hall.h"
#include "core/traffic.h"
#include "services/system_metrics/client_id.h"
#include "services/system_metrics/report_file.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// Answers at once, or when the test opens the door.
class Collector final : public http::Service {
 public:
  Task<http::Response> request(http::Request request) override {
    paths.push_back(request.path);
    bodies.push_back(request.body);
    if (is_slow) co_await door;
    if (!trouble.empty()) throw Unavailable{trouble};
    co_return http::Response{.status = status};
  }

  int status = 204;
  std::string trouble;
  bool is_slow = false;
  Gate door;
  std::vector<std::string> paths, bodies;
};

// The service on a worker that is driven by hand; its own thread does what it does meanwhile.
struct House {
  House() {
    server.database.prepare(client_id_schema());
    options.tracking_id = TrackingId{.id = "G-1", .secret = "s&cret"};
  }
  ~House() { service.stops(); }

  void follow(std::optional<SystemMetricsOptions> wanted) {
    ReportPlan plan{.options = std::move(wanted), .file = directory / report_file_name};
    plan.facts.modules.assign(modules, ReportItem{"module_with_opt", {{"module", "mod_ping"}}});
    server.halls[0]->worker.adopt_thread();
    service.follow(std::make_shared<const ReportPlan>(std::move(plan)));
  }
  void passes(std::chrono::nanoseconds time) { server.passes(time); }
  template <class Condition>
  bool soon(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < until) {
      server.turn();
      std::this_thread::sleep_for(1ms);
    }
    return condition();
  }
  bool has_written(std::uint64_t reports) {
    return soon([&] { return service.status().reports == reports; });
  }
  bool has_sent(std::size_t requests) {
    return soon([&] { return collector.bodies.size() == requests; });
  }
  std::string file_text() const {
    std::ifstream in{directory / report_file_name};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  TestServer server{1};
  const ElementTraffic traffic{server.metrics, "c2s", "localhost"};
  const TestDirectory directory;
  const FileLog log;
  SystemMetricsOptions options;
  std::size_t modules = 0;
  Collector collector;
  SystemReports service{*server.halls[0], &collector};
};

constexpr std::string_view increment = R"("xmppMessageSent","total":)";

}  // namespace

TEST_CASE("the first report comes after initial_report, the others every periodic_report") {
  House house;
  house.follow(house.options);

  house.passes(299s);
  CHECK(house.service.status().reports == 0);
  house.passes(2s);
  CHECK(house.has_sent(1));
  house.passes(10'790s);
  CHECK(house.collector.bodies.size() == 1);
  house.passes(20s);
  CHECK(house.has_sent(2));
  CHECK(house.has_written(2));
  CHECK(house.collector.paths[0] == "/mp/collect?api_secret=s%26cret&measurement_id=G-1");
  CHECK(house.collector.bodies[0].starts_with("{\"client_id\":\"" + house.service.status().client_id +
                                              "\",\"events\":["));
}

TEST_CASE("without a tracking id a report is written, and nothing is sent") {
  House house;
  house.options.tracking_id.reset();
  house.follow(house.options);

  house.passes(301s);

  CHECK(house.has_written(1));
  CHECK(house.file_text().starts_with("[\n  {\n    \"name\": \"host_count\""));
  house.passes(10'801s);
  CHECK(house.has_written(2));
  CHECK(house.collector.bodies.empty());
  CHECK(house.service.status().client_id.empty());
}

TEST_CASE("a service that is not wanted gathers nothing and says nothing") {
  House house;
  house.options.report = false;
  house.follow(house.options);

  house.passes(24h);

  CHECK(house.service.status().reports == 0);
  CHECK_FALSE(house.service.status().next.has_value());
  CHECK(house.file_text().empty());
  CHECK(house.log.text().empty());
}

TEST_CASE("the log has a word about reports unless the operator said what is wanted") {
  House house;

  house.follow(std::nullopt);
  CHECK(house.log.count("system_metrics_disabled") == 1);
  house.follow(house.options);
  CHECK(house.log.count("report_transparency") == 1);
  CHECK(contains(house.log.text(), "report_file=" + (house.directory / report_file_name).string()));
  house.options.report = true;
  house.follow(house.options);
  house.options.report = false;
  house.follow(house.options);
  CHECK(house.log.count("system_metrics_disabled") == 1);
  CHECK(house.log.count("report_transparency") == 1);
}

TEST_CASE("a configuration that changes other things neither begins anew nor says it again") {
  House house;
  house.follow(house.options);
  house.passes(200s);

  house.follow(house.options);

  house.passes(101s);
  CHECK(house.has_sent(1));
  CHECK(house.log.count("report_transparency") == 1);
}

TEST_CASE("a report of many items is sent in requests of 25 at most, none left out and none twice") {
  House house;
  house.modules = 50;  // and ten other items
  house.follow(house.options);

  house.passes(301s);

  REQUIRE(house.has_sent(3));
  std::size_t items = 0;
  for (const std::string& body : house.collector.bodies) {
    std::size_t here = 0;
    for (auto at = body.find("{\"name\":"); at != std::string::npos; at = body.find("{\"name\":", at + 1)) ++here;
    CHECK(here <= 25);
    items += here;
  }
  CHECK(items == 60);
}

TEST_CASE("increments are what has come since the last report that was taken") {
  House house;
  const auto come = [&](int messages) {
    for (int i = 0; i < messages; ++i) house.traffic.in.add(ElementKind::message, 1);
  };
  house.follow(house.options);
  come(5);

  house.passes(301s);
  REQUIRE(house.has_sent(1));
  CHECK(contains(house.collector.bodies[0], std::string{increment} + "5,\"increment\":5"));

  come(2);
  house.collector.status = 500;
  house.passes(10'801s);
  REQUIRE(house.has_sent(2));
  CHECK(contains(house.collector.bodies[1], std::string{increment} + "7,\"increment\":2"));

  come(1);
  house.collector.status = 204;
  house.passes(10'801s);
  REQUIRE(house.has_sent(3));
  CHECK(contains(house.collector.bodies[2], std::string{increment} + "8,\"increment\":3"));
}

TEST_CASE("a collector that fails is told once, however often, and once that it works again") {
  House house;
  house.follow(house.options);
  house.collector.trouble = "connection refused";
  house.passes(301s);
  REQUIRE(house.has_sent(1));
  house.collector.trouble.clear();
  house.collector.status = 503;
  house.passes(10'801s);
  REQUIRE(house.has_sent(2));
  CHECK(house.soon([&] { return house.service.status().failure == "the answer has status 503"; }));
  CHECK(house.log.count("system_metrics_not_sent") == 1);
  CHECK(contains(house.log.text(), "error=\"connection refused\""));

  house.collector.status = 200;
  house.passes(10'801s);
  REQUIRE(house.has_sent(3));
  CHECK(house.soon([&] { return house.log.count("system_metrics_sent") == 1; }));
  CHECK(house.log.count("system_metrics_not_sent") == 1);
  CHECK(house.service.status().failure.empty());
}

TEST_CASE("nothing is sent twice or further when a request fails") {
  House house;
  house.modules = 50;
  house.collector.status = 500;
  house.follow(house.options);

  house.passes(301s);

  REQUIRE(house.has_sent(1));
  CHECK(house.soon([&] { return house.log.count("system_metrics_not_sent") == 1; }));
  CHECK(house.collector.bodies.size() == 1);
}

TEST_CASE("of a report that takes longer than the time to the next one, the rest is given up for that") {
  House house;
  house.modules = 50;
  house.collector.is_slow = true;
  house.follow(house.options);
  house.passes(301s);
  REQUIRE(house.has_sent(1));

  house.passes(10'801s);
  house.passes(10'801s);
  CHECK(house.collector.bodies.size() == 1);
  house.collector.is_slow = false;
  house.collector.door.open();

  CHECK(house.has_sent(4));
  CHECK(house.has_written(2));
  CHECK(house.log.count("system_metrics_not_sent") == 1);
}

TEST_CASE("a file that cannot be written is told once, and the report is sent all the same") {
  House house;
  std::filesystem::create_directory(house.directory / report_file_name);
  house.follow(house.options);

  house.passes(301s);
  REQUIRE(house.has_sent(1));
  house.passes(10'801s);
  REQUIRE(house.has_sent(2));
  CHECK(house.log.count("system_metrics_not_written") == 1);

  std::filesystem::remove(house.directory / report_file_name);
  house.passes(10'801s);
  CHECK(house.has_written(1));
  CHECK(house.log.count("system_metrics_written") == 1);
}

TEST_CASE("a server that stops does not wait for a collector") {
  House house;
  house.collector.is_slow = true;
  house.follow(house.options);
  house.passes(301s);
  REQUIRE(house.has_sent(1));

  house.service.stops();

  CHECK(house.log.count("system_metrics_not_sent") == 0);
}

TEST_CASE("without an id from the database nothing is sent, and that is told") {
  House house;
  house.server.database.broken = true;
  house.follow(house.options);

  house.passes(301s);

  CHECK(house.soon([&] { return house.log.count("system_metrics_not_sent") == 1; }));
  CHECK(house.has_written(1));
  CHECK(house.collector.bodies.empty());
}
