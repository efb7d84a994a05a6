// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/top_screen.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "admin/cli/render.h"

using namespace meerkat::admin;

namespace {

using enum ColumnType;

TopFacts facts() {
  TopFacts facts;
  facts.status = {{{"version", text}, {"uptime", duration}, {"workers", number}, {"hosts", texts}},
                  {{std::string{"1.0"}, std::int64_t{90}, std::int64_t{2}, std::vector<std::string>{"localhost"}}}};
  facts.figures.columns = {
      {"at", number}, {"seconds", number}, {"sessions", number}, {"messages_in", number}, {"iqs_in", number}};
  for (std::int64_t i = 1; i <= 200; ++i)
    facts.figures.rows.push_back({i, std::int64_t{1}, std::int64_t{7}, i, Value{}});
  facts.workers = {
      {{"worker", number}, {"busy", number}, {"lag_us", number}},
      {{std::int64_t{0}, std::int64_t{450}, std::int64_t{80}}, {std::int64_t{1}, Value{}, std::int64_t{4'000'000}}}};
  facts.slowest = {{{"took_us", number}, {"what", text}, {"detail", text}},
                   {{std::int64_t{12'300}, std::string{"iq"}, std::string{"evil\x1b[2Jname"}}}};
  return facts;
}

bool shows(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a sparkline is as high as the highest value, and only nothing is flat") {
  const std::vector<std::int64_t> values{0, 1, 50, 100};

  CHECK(sparkline(values, 10, Charset::ascii) == "_.-#");
  CHECK(sparkline(values, 2, Charset::ascii) == "-#");
  CHECK(sparkline(values, 10, Charset::unicode) == "▁▂▄█");
  CHECK(sparkline({}, 10, Charset::ascii).empty());
}

TEST_CASE("the screen of top has sessions, rates, workers and what is slow, and nothing that nobody counts") {
  const auto lines = top_screen(facts(), {}, Charset::ascii);

  CHECK(shows(lines, "sessions 7 "));
  CHECK(shows(lines, "messages in           200"));
  CHECK_FALSE(shows(lines, "iq in"));
  CHECK(shows(lines, "45 % #########"));
  CHECK(shows(lines, "stuck"));
  CHECK(shows(lines, "12.3 ms  iq"));
}

TEST_CASE("no line of top is wider than the screen, and nothing in it steers the terminal (attack 50)") {
  for (const std::size_t columns : {20u, 40u, 80u, 200u})
    for (const std::string& line : top_screen(facts(), {.rows = 24, .columns = columns}, Charset::unicode)) {
      CHECK(width_of(line) <= columns);
      CHECK(line.find('\x1b') == std::string::npos);
    }
}

TEST_CASE("programs get everything in one object") {
  const std::string json = top_json(facts());

  CHECK(json.starts_with(R"({"status":{"version":"1.0","uptime":90,)"));
  CHECK(json.find(R"("busy":null)") != std::string::npos);
  CHECK(json.find(R"("pools":[])") != std::string::npos);
}
