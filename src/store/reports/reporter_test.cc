// SPDX-License-Identifier: Apache-2.0
#include "store/reports/reporter.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/test_file_log.h"
#include "store/reports/graphite.h"
#include "store/reports/statsd.h"
#include "store/reports/test_receiver.h"

using namespace meerkat;
using namespace meerkat::reports;
using namespace std::chrono_literals;

namespace {

std::vector<metrics::ExometerMetric> one_metric() {
  return {{{"localhost", "sm_session", "logins"}, {{"count", 5}, {"one", 1}}}};
}

// What a target was sent; it can be told to fail first.
struct Sent {
  std::mutex mutex;
  std::condition_variable more;
  std::vector<std::vector<std::string>> reports;
  int fails = 0;

  std::vector<std::vector<std::string>> wait_for(std::size_t count) {
    std::unique_lock lock{mutex};
    more.wait_for(lock, 20s, [&] { return reports.size() >= count; });
    return reports;
  }
};

class Recorder final : public Target {
 public:
  explicit Recorder(Sent& sent) : sent_(sent) {}
  std::vector<std::string> written(std::span<const metrics::ExometerMetric>, WallTime) const override {
    return {std::to_string(++reports_)};
  }
  void send(std::span<const std::string> pieces, int) override {
    const std::lock_guard lock{sent_.mutex};
    if (sent_.fails > 0) {
      --sent_.fails;
      throw std::runtime_error{"nobody listens"};
    }
    sent_.reports.emplace_back(pieces.begin(), pieces.end());
    sent_.more.notify_all();
  }

 private:
  Sent& sent_;
  mutable int reports_ = 0;
};

GraphiteOptions graphite_at(std::uint16_t port) {
  return {.host = "127.0.0.1", .port = port, .api_key = "key", .prefix = "xmpp"};
}

}  // namespace

TEST_CASE("a report is made at every interval") {
  Sent sent;
  const Reporter reporter{"test", 5ms, std::make_unique<Recorder>(sent), one_metric};

  const auto reports = sent.wait_for(3);

  REQUIRE(reports.size() >= 3);
  CHECK(reports[0] == std::vector<std::string>{"1"});
  CHECK(reports[2] == std::vector<std::string>{"3"});
}

TEST_CASE("a report that cannot be sent is sent later as it was, and the log tells the fault and its end once") {
  const FileLog log;
  set_log_level(LogLevel::notice);
  Sent sent;
  sent.fails = 2;
  {
    const Reporter reporter{"test", 3s, std::make_unique<Recorder>(sent), one_metric};
    CHECK(sent.wait_for(1).at(0) == std::vector<std::string>{"1"});
  }

  CHECK(log.count("report_failed") == 1);
  CHECK(log.text().find("reporter=test error=\"nobody listens\"") != std::string::npos);
  CHECK(log.count("reports_arrive_again") == 1);
  CHECK(log.text().find("reporter=test failures=2") != std::string::npos);
}

TEST_CASE("Graphite is sent lines over one connection, and over another when that was closed") {
  TestReceiver carbon{SOCK_STREAM};
  Graphite graphite{graphite_at(carbon.port())};
  const auto pieces = graphite.written(one_metric(), WallTime{1763800000s});
  const std::string lines =
      "key.xmpp.localhost.sm_session.logins.count 5 1763800000\n"
      "key.xmpp.localhost.sm_session.logins.one 1 1763800000\n";

  graphite.send(pieces, -1);
  carbon.accept();
  CHECK(carbon.read(lines.size()) == lines);
  graphite.send(pieces, -1);
  CHECK(carbon.read(lines.size()) == lines);
  carbon.hang_up();
  graphite.send(pieces, -1);
  carbon.accept();
  CHECK(carbon.read(lines.size()) == lines);
}

TEST_CASE("who wants a report to arrive where nobody listens is told") {
  std::uint16_t port = 0;
  {
    const TestReceiver gone{SOCK_STREAM};
    port = gone.port();
  }
  Graphite graphite{graphite_at(port)};

  CHECK_THROWS_WITH_AS(graphite.send(std::vector<std::string>{"line\n"}, -1), doctest::Contains("refused"),
                       std::runtime_error);
}

TEST_CASE("a reporter ends at once though its server takes nothing") {
  TestReceiver carbon{SOCK_STREAM};
  class Endless final : public Target {
   public:
    Endless(std::uint16_t port, std::promise<void> begun) : graphite_(graphite_at(port)), begun_(std::move(begun)) {}
    std::vector<std::string> written(std::span<const metrics::ExometerMetric>, WallTime) const override {
      return {std::string(64u << 20, 'x')};
    }
    void send(std::span<const std::string> pieces, int stop) override {
      if (!std::exchange(told_, true)) begun_.set_value();
      graphite_.send(pieces, stop);
    }

   private:
    Graphite graphite_;
    std::promise<void> begun_;
    bool told_ = false;
  };
  std::promise<void> begun;
  auto begins = begun.get_future();
  auto target = std::make_unique<Endless>(carbon.port(), std::move(begun));
  auto reporter = std::make_unique<Reporter>("test", 1ms, std::move(target), one_metric);
  begins.wait();

  const auto before = std::chrono::steady_clock::now();
  reporter.reset();

  CHECK(std::chrono::steady_clock::now() - before < 5s);  // writing alone would be tried for ten
}

TEST_CASE("StatsD is sent datagrams, and that nobody listens is noticed") {
  std::optional<TestReceiver> daemon{SOCK_DGRAM};
  Statsd statsd{{.host = "127.0.0.1", .port = daemon->port(), .prefix = "xmpp"}};
  const auto pieces = statsd.written(one_metric(), WallTime{});

  statsd.send(pieces, -1);
  CHECK(daemon->datagram() == "xmpp.localhost.sm_session.logins.count:5|g\nxmpp.localhost.sm_session.logins.one:1|g");

  daemon.reset();
  CHECK_THROWS_WITH_AS(
      [&] {
        for (int i = 0; i < 100; ++i) statsd.send(pieces, -1);
      }(),
      doctest::Contains("refused"), std::runtime_error);
}

TEST_CASE("what stands before every name is the key, the node and the prefix, as far as they are there") {
  ::setenv("MEERKAT_TEST_NODE", "node1", 1);
  CHECK(prefix_of(GraphiteOptions{}).empty());
  CHECK(prefix_of(GraphiteOptions{.api_key = "k", .prefix = "p", .env_prefix = "MEERKAT_TEST_NODE"}) == "k.node1.p");
  CHECK(prefix_of(StatsdOptions{.prefix = "p", .env_prefix = "MEERKAT_TEST_NODE"}) == "node1.p");
  CHECK(prefix_of(StatsdOptions{.prefix = "p", .env_prefix = "MEERKAT_TEST_NOBODY"}) == "p");
}
