// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "admin/live/sampler.h"
#include "admin/test_office.h"
#include "base/log.h"
#include "core/host_counts.h"

using namespace meerkat;
using namespace meerkat::admin;
using namespace std::chrono_literals;

namespace {

// A second goes by, and is looked at.
void second(TestOffice& office) {
  office.server.passes(1s);
  office.sample();
}

const HostCounts& counts(const TestOffice& office) { return *TestServer::host(*office.server.halls[0]).counts; }

std::int64_t newest(const TestOffice& office, Figure figure) {
  return office.sampler.history().since(0, Every::second, 1).front()[figure];
}

std::size_t column(const Command& command, std::string_view name) {
  const auto found = std::ranges::find(command.columns, name, &Column::name);
  REQUIRE(found != command.columns.end());
  return static_cast<std::size_t>(found - command.columns.begin());
}

}  // namespace

TEST_CASE("sessions and logins are seen when they come and go") {
  TestOffice office;
  second(office);
  TestClient& alice = office.server.online("alice");
  office.server.online("bob");
  second(office);
  second(office);

  CHECK(newest(office, Figure::sessions) == 2);
  CHECK(newest(office, Figure::detached) == 0);
  alice.enables_management();
  alice.loses_connection();
  second(office);
  second(office);
  CHECK(newest(office, Figure::sessions) == 2);
  CHECK(newest(office, Figure::detached) == 1);
  alice.resumes(0);
  second(office);
  second(office);
  CHECK(newest(office, Figure::detached) == 0);
}

TEST_CASE("what is counted elsewhere is told as what happened in each second") {
  TestOffice office;
  const ElementCount& said = counts(office).c2s.in;
  for (int i = 0; i < 100; ++i) said.add(ElementKind::message, 80);
  second(office);
  for (int i = 0; i < 7; ++i) said.add(ElementKind::message, 80);
  second(office);

  CHECK(newest(office, Figure::messages_in) == 7);
  CHECK(newest(office, Figure::messages_out) == 0);
}

TEST_CASE("how long stanzas took is told for each second, and nothing for one without") {
  TestOffice office;
  const metrics::Histogram& time = counts(office).message_processed;
  second(office);
  for (int i = 0; i < 99; ++i) time.record(100us);
  time.record(50ms);
  second(office);

  CHECK(newest(office, Figure::stanzas_timed) == 100);
  CHECK(newest(office, Figure::stanza_p50_us) <= 128);
  CHECK(newest(office, Figure::stanza_p99_us) <= 128);
  second(office);
  CHECK(newest(office, Figure::stanzas_timed) == 0);
  CHECK(newest(office, Figure::stanza_p50_us) == Sample::unknown);
}

TEST_CASE("a minute is the sum of what happened and the mean of how it was") {
  History history;
  for (int i = 1; i <= 60; ++i) {
    Sample sample;
    sample.at = i;
    sample[Figure::logins] = 2;
    sample[Figure::sessions] = i;
    sample[Figure::lag_us] = i == 30 ? 500 : 1;
    history.add(sample, {});
  }

  const auto minutes = history.since(0, Every::minute, 10);
  REQUIRE(minutes.size() == 1);
  CHECK(minutes[0].at == 60);
  CHECK(minutes[0].seconds == 60);
  CHECK(minutes[0][Figure::logins] == 120);
  CHECK(minutes[0][Figure::sessions] == 30);
  CHECK(minutes[0][Figure::lag_us] == 500);
  CHECK(minutes[0][Figure::messages_in] == Sample::unknown);
}

TEST_CASE("the history is bounded, and is read from where it was read last") {
  History history;
  for (std::size_t i = 1; i <= History::most_seconds + 50; ++i) {
    Sample sample;
    sample.at = static_cast<std::int64_t>(i);
    history.add(sample, {});
  }

  CHECK(history.since(0, Every::second, 5000).size() == History::most_seconds);
  CHECK(history.since(0, Every::second, 5000).front().at == 51);
  CHECK(history.since(340, Every::second, 5000).size() == 10);
  CHECK(history.since(340, Every::second, 3).front().at == 348);
  CHECK(history.since(350, Every::second, 5000).empty());
}

TEST_CASE("samples are in order though the clock stands still") {
  TestOffice office;
  for (int i = 0; i < 3; ++i) office.sample();

  const auto samples = office.sampler.history().since(0, Every::second, 10);

  REQUIRE(samples.size() == 3);
  CHECK(samples[1].at == samples[0].at + 1);
  CHECK(samples[2].at == samples[1].at + 1);
}

TEST_CASE("a worker tells its mail and its sessions, and one that does not answer lags") {
  TestOffice office;
  office.server.online("alice");
  for (int i = 0; i < 3; ++i) second(office);
  const auto told = office.sampler.workers_since({});
  REQUIRE(told.size() == 2);
  CHECK(told[0].sessions + told[1].sessions == 1);
  CHECK(told[0].mails > 0);
  CHECK(told[0].most_mails > 0);
  CHECK(told[0].busy >= 0);

  office.server.clock.advance(3s);  // nobody makes a turn
  office.sample();

  const auto stuck = office.sampler.workers_since({});
  REQUIRE(stuck.size() == 2);
  CHECK(stuck[0].lag_us == 3'000'000);
  CHECK(stuck[0].busy < 0);
  CHECK(newest(office, Figure::lag_us) == 3'000'000);
  CHECK(office.sampler.workers_since(told[0].at).size() == 2);
}

TEST_CASE("live figures are a row for each second, with a column for each figure") {
  TestOffice office;
  for (int i = 0; i < 3; ++i) second(office);
  const Command& command = *find_command(office.commands, "live figures");

  const auto rows = office.rows("live figures");

  REQUIRE(rows.size() == 3);
  CHECK(rows[0].size() == command.columns.size());
  CHECK(number_in(rows[2], column(command, "sessions")) == 0);
  CHECK(number_in(rows[2], column(command, "memory")) > 0);
  CHECK(number_in(rows[2], column(command, "messages_in")) == 0);
  CHECK(office.rows("live figures", {{"since", std::to_string(number_in(rows[1], 0))}}).size() == 1);
  CHECK(office.rows("live figures", {{"limit", "2"}}).size() == 2);
  CHECK(office.rows("live figures", {{"every", "minute"}}).empty());
  CHECK(office.rows("live workers").size() == 2);
}

TEST_CASE("what took longest is told with its function and host type") {
  TestOffice office;
  metrics::SlowEvents& events = office.server.metrics.slow_events();
  const WallTime now = office.server.clock.wall();
  events.note({.when = now, .took = 5ms, .what = "mod_roster_rdbms", .detail = "get_roster", .host_type = "localhost"});
  events.note({.when = now, .took = 9ms, .what = "pool", .detail = "rdbms.default", .host_type = {}});
  events.note({.when = now - 7min, .took = 90ms, .what = "iq", .detail = "jabber:iq:last", .host_type = {}});

  const auto rows = office.rows("live slowest");

  REQUIRE(rows.size() == 2);
  CHECK(number_in(rows[0], 1) == 9000);
  CHECK(text_in(rows[1], 3) == "get_roster");
  CHECK(text_in(rows[1], 4) == "localhost");
  CHECK(office.rows("live slowest", {{"minutes", "10"}}).size() == 3);
}

TEST_CASE("the tail of the log is told from a line on") {
  TestOffice office;
  log_error("tail_is_told", {{"text", "\x1b]0;gotcha\x07"}});

  const auto rows = office.rows("log tail", {{"level", "error"}, {"limit", "1"}});

  REQUIRE(rows.size() == 1);
  CHECK(text_in(rows[0], 2) == "error");
  CHECK(text_in(rows[0], 4) == "tail_is_told");
  CHECK(text_in(rows[0], 5).find('\x1b') == std::string::npos);
  CHECK(office.rows("log tail", {{"since", std::to_string(number_in(rows[0], 0))}}).empty());
}
