// SPDX-License-Identifier: Apache-2.0
#include "server/log_section.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"

using namespace meerkat;

namespace {

struct Reply {
  LogSettings log;
  std::string report;
};

Reply read(std::string_view toml) {
  config::Problems problems;
  const auto root = config::read_toml(toml, "meerkat.toml", problems);
  REQUIRE(root.has_value());
  LogSettings log = log_section().read(&*root, problems);
  return {std::move(log), problems.report()};
}

}  // namespace

TEST_CASE("the log goes to standard error as logfmt unless the file says otherwise") {
  CHECK(log_output(read("").log) == LogOutput{});

  const Reply reply = read("format = \"json\"\noutput = \"/var/log/meerkat.log\"\nrotate_size = \"1MB\"\n");

  CHECK(reply.report == "");
  CHECK(log_output(reply.log) ==
        LogOutput{.format = LogFormat::json, .file = "/var/log/meerkat.log", .rotate_size = 1u << 20});
}

TEST_CASE("levels can be given for floors and modules") {
  const Reply reply = read("levels = { streams = \"debug\", mod_ping = \"none\" }\n");

  CHECK(reply.report == "");
  CHECK(log_levels(reply.log, LogLevel::error) ==
        LogLevels{.general = LogLevel::error, .of = {{"streams", LogLevel::debug}, {"mod_ping", LogLevel::none}}});
}

TEST_CASE("a level for a place that does not exist is refused with a suggestion") {
  CHECK(read("levels = { mod_pign = \"debug\" }\n").report ==
        "meerkat.toml:1:1: log.levels: \"mod_pign\" is neither a floor of the server nor a module — did you mean "
        "\"mod_ping\"?\n1 problem; nothing was started.\n");
}
