// SPDX-License-Identifier: Apache-2.0
// Reading the configuration anew, and the certificates, as an operator asks for them.
#include <doctest/doctest.h>

#include "admin/test_office.h"

using namespace meerkat;
using namespace meerkat::admin;

namespace {

Task<config::ChangeOutcome> outcome(config::ChangeOutcome ready) { co_return ready; }

}  // namespace

TEST_CASE("a reload answers with the changes, and passes on that only a look was wanted") {
  TestOffice office;
  std::vector<bool> asked;
  office.premises.reload = [&](bool dry_run) {
    asked.push_back(dry_run);
    return outcome(
        {.changes = {{.path = "general.loglevel", .place = {3, 1}, .before = "\"info\"", .after = "\"none\""},
                     {.kind = config::Change::Kind::removed, .path = "modules.mod_time", .before = "{}"}}});
  };

  const auto rows = office.rows("reload", {{"dry-run", "true"}});
  office.rows("reload");

  CHECK(asked == std::vector<bool>{true, false});
  REQUIRE(rows.size() == 2);
  CHECK(std::get<std::string>(rows[0][0]) == "changed");
  CHECK(std::get<std::string>(rows[0][3]) == "\"none\"");
  CHECK(std::get<std::string>(rows[1][0]) == "removed");
  CHECK(std::holds_alternative<std::monostate>(rows[1][3]));
}

TEST_CASE("a refused reload is a refusal with every reason") {
  TestOffice office;
  office.premises.reload = [](bool) { return outcome({.refused = true, .reasons = {"first", "second"}}); };

  const CommandResult result = office.run("reload");

  REQUIRE(std::holds_alternative<admin::Refusal>(result));
  CHECK(std::get<admin::Refusal>(result).sentence == "first\nsecond\nnothing was changed");
}

TEST_CASE("certificates are listed with the days they have left") {
  TestOffice office;
  const WallTime now = office.server.clock.wall();
  office.premises.certificates = [now] {
    return std::vector<CertificateFacts>{
        {.file = "a.crt", .names = {"localhost"}, .key = "P-256", .not_after = now + std::chrono::hours{24 * 12}}};
  };

  const auto rows = office.rows("certificate list");

  REQUIRE(rows.size() == 1);
  CHECK(std::get<std::int64_t>(rows[0][3]) == 12);
}
