// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "base/json_text.h"
#include "base/log_line.h"
#include "base/test_file_log.h"
#include "base/trouble.h"

using namespace meerkat;

namespace {

constexpr LogWord in_test{"something_happened"};

std::string logfmt(LogFields fields) { return log_line(LogFormat::logfmt, {}, LogLevel::error, in_test, fields); }
std::string json(LogFields fields) { return log_line(LogFormat::json, {}, LogLevel::error, in_test, fields); }
std::string escaped(std::string_view text) {
  std::string into;
  append_escaped(into, text);
  return into;
}

}  // namespace

TEST_CASE("a line is a level, a word, the room and the fields") {
  CHECK(logfmt({{"user", "bob@localhost"}, {"tries", 3}, {"left", false}}) ==
        "level=error what=something_happened room=base user=bob@localhost tries=3 left=false");
  CHECK(json({{"user", "bob@localhost"}, {"tries", -3}, {"left", true}}) ==
        R"({"level":"error","what":"something_happened","room":"base","user":"bob@localhost","tries":-3,"left":true})");
}

TEST_CASE("the time of a line is RFC 3339 in UTC with milliseconds") {
  const WallTime when = WallTime{} + std::chrono::milliseconds{1700000000007};

  CHECK(log_time(when) == "2023-11-14T22:13:20.007Z");
  CHECK(log_line(LogFormat::logfmt, when, LogLevel::info, in_test, {}).starts_with("when=2023-11-14T22:13:20.007Z l"));
}

TEST_CASE("a line knows the floor of the file that logs, and in modules the room") {
  CHECK(log_floors[LogPlace::of_file("/build/src/streams/c2s_stream.cc").floor] == "streams");
  CHECK(log_floors[LogPlace::of_file("../../src/net/listener.cc").floor] == "net");
  CHECK(log_floors[LogPlace::of_file("src/store/sql/health.cc").floor] == "store");
  CHECK(LogPlace::of_file("/m/src/modules/ping/ping.cc").room == "ping");
  CHECK(LogPlace::of_file("/m/src/modules/iq_processing.cc").room.empty());
  CHECK(log_floors[LogPlace::of_file("/elsewhere/main.cc").floor] == "other");
}

TEST_CASE("newlines, terminal escapes and marks that turn the text do not reach the log (attack 50)") {
  CHECK(logfmt({{"text", "a\nlevel=error what=forged"}}).ends_with(R"(text="a\nlevel=error what=forged")"));
  CHECK(escaped("\x1b[2J\r\x07\x7f") == R"(\u001b[2J\u000d\u0007\u007f)");
  CHECK(escaped("\xc2\x9b"
                "31m") == R"(\u009b31m)");  // CSI in one character
  CHECK(escaped("\xe2\x80\xae\xe2\x80\xa8") == R"(\u202e\u2028)");
  CHECK(escaped(std::string_view{"\0", 1}) == R"(\u0000)");
  CHECK(escaped("Grüße, 世界 🦦") == "Grüße, 世界 🦦");
}

TEST_CASE("what is not UTF-8 is replaced: cut, overlong, surrogates, too high") {
  for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
    CHECK(escaped(bad).find_first_not_of("\\ufffd") == std::string::npos);
  CHECK(escaped("a\xff"
                "b") == R"(a\ufffdb)");
}

TEST_CASE("any bytes make a JSON line that stays one line of plain text in quotes") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);

  const std::string line = json({{"all", all}});

  CHECK(line.ends_with("\"}"));
  for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK(line.find('\x7f') == std::string::npos);
}

TEST_CASE("quotes and backslashes cannot end a value") {
  CHECK(json_string(R"(a"b\)") == R"("a\"b\\")");
  CHECK(logfmt({{"text", "a b\" c=d"}}).ends_with(R"(text="a b\" c=d")"));
  CHECK(logfmt({{"text", ""}}).ends_with(R"(text="")"));
}

TEST_CASE("a long value is cut and says how long it was") {
  const std::string line = logfmt({{"text", std::string(100'000, 'x')}});

  CHECK(line.size() < longest_log_value + 200);
  CHECK(line.ends_with("… (100000 bytes)\""));
}

TEST_CASE("a field cannot stand in for a key of the line itself") {
  CHECK(json({{"level", "none"}}).ends_with(R"("its_level":"none"})"));
}

TEST_CASE("levels hold everywhere, on a floor, or in one module") {
  constexpr LogPlace streams = LogPlace::of_file("src/streams/a.cc"), ping = LogPlace::of_file("src/modules/ping/a.cc"),
                     time = LogPlace::of_file("src/modules/time/a.cc");
  const FileLog log;

  set_log_levels({.general = LogLevel::warning, .of = {{"modules", LogLevel::error}, {"mod_ping", LogLevel::debug}}});
  CHECK(logs_at(LogLevel::warning, streams));
  CHECK(!logs_at(LogLevel::notice, streams));
  CHECK(logs_at(LogLevel::debug, ping));
  CHECK(!logs_at(LogLevel::warning, time));
  CHECK(logs_at(LogLevel::error, time));

  CHECK(set_log_level("streams", LogLevel::debug));
  CHECK(logs_at(LogLevel::debug, streams));
  CHECK(!set_log_level("steams", LogLevel::debug));
  set_log_level(LogLevel::none);
  CHECK(!logs_at(LogLevel::critical, LogPlace{}));
  CHECK(logs_at(LogLevel::debug, streams));
}

TEST_CASE("the output changes at run time, and a file that cannot be written is refused with advice") {
  FileLog log{{.format = LogFormat::json}};
  set_log_level(LogLevel::info);

  log_info("first");
  log_debug("unheard");
  const auto refused = set_log_output({.file = log.file() / "below-a-file" / "log"});
  log_info("second");

  CHECK(!refused.has_value());
  CHECK(refused.error().find("output = \"stderr\"") != std::string::npos);
  CHECK(log.text().find(R"("what":"first")") != std::string::npos);
  CHECK(log.text().find(R"("what":"second")") != std::string::npos);
  CHECK(log.text().find("unheard") == std::string::npos);
}

TEST_CASE("a log file is rotated, and only so many old ones are kept") {
  FileLog log{{.rotate_size = 4096, .rotate_files = 2}};
  set_log_level(LogLevel::info);

  for (int i = 0; i < 400; ++i) log_info("one_of_many", {{"number", i}});

  CHECK(std::filesystem::exists(log.file("log.1")));
  CHECK(std::filesystem::exists(log.file("log.2")));
  CHECK(!std::filesystem::exists(log.file("log.3")));
  CHECK(std::filesystem::file_size(log.file()) <= 4096);
}

TEST_CASE("a fault is told when it begins and when it is over") {
  Trouble trouble;
  CHECK(!trouble.ends());

  CHECK(trouble.begins());
  CHECK(!trouble.begins());
  CHECK(trouble.there());
  CHECK(trouble.ends() == 2);
  CHECK(!trouble.there());
  CHECK(trouble.begins());
}
