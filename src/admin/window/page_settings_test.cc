// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "admin/window/page_settings.h"
#include "config/toml_reader.h"

using namespace meerkat;

namespace {

struct Outcome {
  PageSettings settings;
  std::string report;
  bool refused = false;
};

Outcome read(const std::string& text) {
  config::Problems problems;
  const auto node = config::read_toml(text, "test.toml", problems);
  REQUIRE(node);
  Outcome outcome{.settings = page_section().read(&*node, problems)};
  outcome.report = problems.report();
  outcome.refused = problems.any_errors();
  return outcome;
}

bool says(const Outcome& outcome, std::string_view part) { return outcome.report.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the page listens on loopback unless it is told otherwise") {
  const Outcome outcome = read("port = 5281");

  CHECK_FALSE(outcome.refused);
  CHECK(outcome.report.empty());
  CHECK(outcome.settings.ip_address == "127.0.0.1");
}

TEST_CASE("a password of the page is at least 12 characters long, and is not repeated") {
  const Outcome outcome = read("port = 5281\nusername = 'operator'\npassword = 'elevenchars'");

  CHECK(outcome.refused);
  CHECK(says(outcome, "12 characters"));
  CHECK_FALSE(says(outcome, "elevenchars"));
  CHECK_FALSE(read("port = 5281\nusername = 'operator'\npassword = 'twelve chars'").refused);
}

TEST_CASE("a username of the page goes with a password") {
  CHECK(says(read("username = 'operator'"), "both"));
  CHECK(says(read("password = 'twelve chars'"), "both"));
}

TEST_CASE("a page that others can reach in clear is warned of") {
  CHECK(says(read("port = 5281\nip_address = '0.0.0.0'"), "in clear"));
  CHECK(says(read("port = 5281\nip_address = '::'"), "in clear"));
  CHECK(read("port = 5281\nip_address = '::1'").report.empty());
  CHECK(read("port = 5281\nip_address = '127.0.0.53'").report.empty());
  CHECK(read("port = 5281\nip_address = '0.0.0.0'\ntls = {}").report.empty());
  CHECK_FALSE(read("port = 5281\nip_address = '0.0.0.0'").refused);
}
