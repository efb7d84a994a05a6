// SPDX-License-Identifier: Apache-2.0
#include "base/log_tail.h"

#include <doctest/doctest.h>

using namespace meerkat;

namespace {

LoggedLine line(LogLevel level, std::string what, std::string fields = {}) {
  return {.level = level, .what = std::move(what), .room = "base", .fields = std::move(fields)};
}

}  // namespace

TEST_CASE("the tail of the log is read from where it was read last, with what is as important as wished") {
  LogTail tail;
  tail.add(line(LogLevel::notice, "one"));
  tail.add(line(LogLevel::error, "two"));
  tail.add(line(LogLevel::notice, "three"));

  CHECK(tail.since(0, LogLevel::debug, 10).size() == 3);
  CHECK(tail.since(0, LogLevel::debug, 2).front().what == "two");
  CHECK(tail.since(2, LogLevel::debug, 10).front().what == "three");
  CHECK(tail.since(0, LogLevel::warning, 10).size() == 1);
  CHECK(tail.since(3, LogLevel::debug, 10).empty());
}

TEST_CASE("the tail of the log is bounded in lines and in bytes, and the oldest go") {
  LogTail many;
  LogTail large;
  for (std::size_t i = 0; i < LogTail::most_lines + 10; ++i) many.add(line(LogLevel::notice, "word"));
  for (int i = 0; i < 10; ++i) large.add(line(LogLevel::notice, "word", std::string(LogTail::most_bytes / 4, 'x')));

  CHECK(many.since(0, LogLevel::debug, 5000).size() == LogTail::most_lines);
  CHECK(many.since(0, LogLevel::debug, 5000).front().number == 11);
  CHECK(large.since(0, LogLevel::debug, 5000).size() == 3);
}

TEST_CASE("what is logged is in the tail, escaped") {
  log_error("tail_tested", {{"text", "a\x1b[2Jb\nc"}, {"number", 5}});

  const auto lines = log_tail().since(0, LogLevel::error, 1);

  REQUIRE(lines.size() == 1);
  CHECK(lines[0].what == "tail_tested");
  CHECK(lines[0].room == "base");
  CHECK(lines[0].level == LogLevel::error);
  CHECK(lines[0].fields == R"(text="a\u001b[2Jb\nc" number=5)");
}
