// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "admin/test_office.h"
#include "base/log.h"
#include "core/limits/limits.h"

using namespace meerkat;
using namespace meerkat::admin;
using namespace std::chrono_literals;

TEST_CASE("the status counts what there is") {
  TestOffice office;
  office.server.login("alice");
  office.server.login("bob");
  office.server.passes(3h);

  const CommandResult result = office.run("status");

  REQUIRE(std::holds_alternative<Record>(result));
  const Row& row = std::get<Record>(result).row;
  const Command& command = *find_command(office.commands, "status");
  REQUIRE(row.size() == command.columns.size());
  CHECK(text_in(row, 0) == "running");
  CHECK(number_in(row, 2) == 3 * 3600);
  CHECK(number_in(row, 3) == 2);
  CHECK(std::get<std::vector<std::string>>(row[4]) == std::vector<std::string>{"localhost"});
  CHECK(number_in(row, 7) == 2);
  CHECK(number_in(row, 8) > 1'000'000);
  CHECK(number_in(row, 10) == 1000);
  CHECK(std::get<std::vector<std::string>>(row[11]).empty());
}

TEST_CASE("the status tells who was turned away and what became of resumptions, and how often") {
  TestOffice office;
  Limits limits;
  limits.refusals.count(meerkat::Refusal::login_address, 3);
  for (const auto& hall : office.server.halls) {
    hall->limits = &limits;
    hall->resumptions.count(Resumption::resumed, 2);
  }

  const CommandResult result = office.run("status");

  REQUIRE(std::holds_alternative<Record>(result));
  const Row& row = std::get<Record>(result).row;
  CHECK(std::get<std::vector<std::string>>(row[11]) == std::vector<std::string>{"login_address 3"});
  CHECK(std::get<std::vector<std::string>>(row[12]) == std::vector<std::string>{"resumed 4"});
}

TEST_CASE("the level of the log is shown and changed, for all or for one place") {
  TestOffice office;
  const LogLevels before = log_levels();

  office.run("log level", {{"level", "error"}});
  CHECK(log_level() == LogLevel::error);
  office.run("log level", {{"level", "debug"}, {"of", "streams"}});
  const auto rows = office.rows("log level");

  REQUIRE(rows.size() == 2 + before.of.size());
  CHECK(text_in(rows[0], 1) == "error");
  CHECK(text_in(rows[1], 0) == "streams");
  CHECK(text_in(rows[1], 1) == "debug");
  CHECK(office.refused("log level", {{"level", "debug"}, {"of", "nowhere"}}) == "no_such_place");
  CHECK(office.refused("log level", {{"of", "streams"}}) == "missing_argument");
  set_log_levels(before);
}
