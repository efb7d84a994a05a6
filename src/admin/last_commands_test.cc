// SPDX-License-Identifier: Apache-2.0
// The commands of mod_last, run without a socket.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "admin/test_office.h"
#include "modules/last/last.h"
#include "xmpp/date_time.h"

using namespace meerkat;
using namespace meerkat::admin;

namespace {

struct LastOffice : TestOffice {
  LastOffice() {
    REQUIRE(server.start(last_module()) == "");
    for (const char* name : {"alice", "bob", "carol"})
      server.accounts.passwords.emplace(std::string{name} + "@localhost", "secret");
  }
  Row get(const std::string& user) {
    const CommandResult result = run("last get", {{"user", user}});
    const auto* const record = std::get_if<Record>(&result);
    REQUIRE(record != nullptr);
    return record->row;
  }
  void set(const std::string& user, const std::string& time) {
    run("last set", {{"user", user}, {"status", "gone"}, {"timestamp", time}});
  }
  std::vector<std::string> old_of(const std::string& command, const std::string& time) {
    std::vector<std::string> users;
    for (const Row& row : rows(command, {{"timestamp", time}})) users.push_back(text_in(row, 0));
    return users;
  }
};

}  // namespace

TEST_CASE("when an account was last here is shown, and set") {
  LastOffice office;
  CHECK(office.refused("last get", {{"user", "alice@localhost"}}) == "last_not_found");
  CHECK(office.refused("last get", {{"user", "nobody@localhost"}}) == "user_does_not_exist");
  CHECK(office.refused("last get", {{"user", "alice@elsewhere"}}) == "domain_not_found");
  CHECK(office.refused("last set", {{"user", "nobody@localhost"}, {"status", ""}}) == "user_does_not_exist");
  CHECK(office.refused("last set", {{"user", "alice@localhost"}}) == "missing_argument");
  CHECK(office.refused("last set", {{"user", "alice@localhost"}, {"status", ""}, {"timestamp", "soon"}}) ==
        "not_a_time");

  office.set("alice@localhost", "2026-01-31T10:00:00+01:00");

  CHECK(office.get("alice@localhost") ==
        Row{std::string{"alice@localhost"}, std::string{"2026-01-31T09:00:00Z"}, std::string{"gone"}});
  office.set("alice@localhost", "2100-01-01T00:00:00Z");
  CHECK(text_in(office.get("alice@localhost"), 1) == "2100-01-01T00:00:00Z");
}

TEST_CASE("who leaves is known to have left now") {
  LastOffice office;
  TestClient& bob = office.server.online("bob");
  bob.says("<presence type='unavailable'><status>bye</status></presence>");

  const Row row = office.get("bob@localhost");

  CHECK(text_in(row, 1) == date_time(office.server.clock.wall()));
  CHECK(text_in(row, 2) == "bye");
}

TEST_CASE("who left after a moment is counted") {
  LastOffice office;
  office.set("alice@localhost", "2026-01-01T00:00:00Z");
  office.set("bob@localhost", "2026-01-02T00:00:00Z");
  const auto count = [&](const std::string& time) {
    const auto rows = office.rows("last count-active", {{"timestamp", time}});
    REQUIRE(rows.size() == 1);
    return number_in(rows.front(), 1);
  };

  CHECK(count("2025-12-31T00:00:00Z") == 2);
  CHECK(count("2026-01-01T00:00:00Z") == 1);
  CHECK(count("2026-01-02T00:00:00Z") == 0);
  CHECK(office.refused("last count-active", {{"domain", "elsewhere"}}) == "domain_not_found");
}

TEST_CASE("accounts that were not here for long, or never, are listed and removed; those that are here are not") {
  LastOffice office;
  office.set("alice@localhost", "2026-01-01T00:00:00Z");
  office.set("bob@localhost", "2026-01-02T00:00:00Z");
  TestClient& dora = office.server.online("dora");
  using Users = std::vector<std::string>;

  CHECK(office.old_of("last list-old", "2026-01-02T00:00:00Z") == Users{"alice@localhost", "carol@localhost"});
  CHECK(office.old_of("last list-old", "2026-01-02T00:00:01Z") ==
        Users{"alice@localhost", "bob@localhost", "carol@localhost"});
  CHECK(office.server.accounts.passwords.size() == 4);
  CHECK(office.old_of("last remove-old", "2026-01-02T00:00:00Z") == Users{"alice@localhost", "carol@localhost"});

  CHECK(!office.server.accounts.passwords.contains("alice@localhost"));
  CHECK(office.server.accounts.passwords.contains("bob@localhost"));
  CHECK(office.refused("last get", {{"user", "alice@localhost"}}) == "user_does_not_exist");
  CHECK(dora.session != nullptr);
}

TEST_CASE("where nothing is kept the commands say so") {
  TestOffice office;
  office.server.accounts.passwords.emplace("alice@localhost", "secret");

  CHECK(office.refused("last get", {{"user", "alice@localhost"}}) == "deps_not_loaded");
  CHECK(office.refused("last count-active") == "deps_not_loaded");
  CHECK(office.refused("last list-old", {{"timestamp", "2026-01-01T00:00:00Z"}, {"domain", "localhost"}}) ==
        "deps_not_loaded");
}
