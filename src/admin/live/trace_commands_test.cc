// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "admin/test_office.h"

using namespace meerkat;
using namespace meerkat::admin;
using namespace std::chrono_literals;

namespace {

std::string start(TestOffice& office, const TestOffice::Given& given) {
  const CommandResult result = office.run("trace start", given);
  const auto* const record = std::get_if<Record>(&result);
  REQUIRE(record != nullptr);
  return std::to_string(number_in(record->row, 0));
}

std::string text_of(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += text_in(row, 2) + " " + text_in(row, 4) + "\n";
  return text;
}

}  // namespace

TEST_CASE("a trace is begun, read from where it was read last, and stopped") {
  TestOffice office;
  TestClient& alice = office.server.online("alice");
  office.server.online("bob");
  const std::string id = start(office, {{"address", "alice@localhost"}});

  alice.says("<message type='chat' to='bob@localhost' id='one'><body>secret words</body></message>");
  alice.says("<message type='chat' to='bob@localhost' id='two'><body>secret words</body></message>");

  const auto rows = office.rows("trace read", {{"id", id}});
  CHECK(contains(text_of(rows), "in <message type='chat' to='bob@localhost' id='one'><body>[12 bytes]"));
  CHECK_FALSE(contains(text_of(rows), "secret"));
  CHECK(text_in(rows[0], 3) == "alice@localhost/phone");
  CHECK(contains(text_of(office.rows("trace read", {{"id", id}, {"since", "1"}})), "id='two'"));
  CHECK_FALSE(contains(text_of(office.rows("trace read", {{"id", id}, {"since", "1"}})), "id='one'"));

  CHECK(contains(office.says("trace stop", {{"id", id}}), "it was stopped"));
  alice.says("<message type='chat' to='bob@localhost' id='three'/>");
  CHECK_FALSE(contains(text_of(office.rows("trace read", {{"id", id}})), "three"));
}

TEST_CASE("traces are listed with who asked, and why they have ended") {
  TestOffice office;
  start(office, {{"address", "alice@localhost"}, {"for", "10"}});
  CHECK(text_in(office.rows("trace list")[0], 2) == "a test");
  CHECK(std::get<bool>(office.rows("trace list")[0][4]));

  office.server.passes(11s);

  const auto rows = office.rows("trace list");
  CHECK_FALSE(std::get<bool>(rows[0][4]));
  CHECK(text_in(rows[0], 8) == "its time is up");
}

TEST_CASE("a trace lasts half an hour at most, whatever is asked for") {
  TestOffice office;
  const std::string id = start(office, {{"address", "alice@localhost"}, {"for", "99999999"}});
  for (int i = 0; i < 1790; i += 10) {
    office.server.passes(10s);
    office.rows("trace read", {{"id", id}});
  }
  CHECK(std::get<bool>(office.rows("trace list")[0][4]));

  office.server.passes(11s);

  CHECK_FALSE(std::get<bool>(office.rows("trace list")[0][4]));
}

TEST_CASE("only a few traces run at the same time, and those that have ended make room") {
  TestOffice office;
  std::string first;
  for (std::size_t i = 0; i < TraceDesk::most_running; ++i) {
    const std::string id = start(office, {{"address", "alice@localhost"}});
    if (first.empty()) first = id;
  }
  CHECK(office.refused("trace start", {{"address", "bob@localhost"}}) == "too_many_traces");

  office.says("trace stop", {{"id", first}});

  for (int i = 0; i < 20; ++i) {
    const std::string id = start(office, {{"address", "bob@localhost"}});
    office.says("trace stop", {{"id", id}});
  }
  CHECK(office.rows("trace list").size() == TraceDesk::most_kept);
}

TEST_CASE("nobody is traced who is not here, and no content unless the configuration allows it") {
  TestOffice office;
  CHECK(office.refused("trace start", {{"address", "alice@elsewhere.example"}}) == "domain_not_found");
  CHECK(office.refused("trace start", {{"address", "localhost"}}) == "invalid_jid");
  CHECK(office.refused("trace start", {{"address", "alice@localhost"}, {"content", "true"}}) == "not_permitted");
  CHECK(office.refused("trace read", {{"id", "77"}}) == "no_such_trace");
  CHECK(office.refused("trace stop", {{"id", "77"}}) == "no_such_trace");
}
