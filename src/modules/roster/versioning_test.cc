// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §2.6, XEP-0237.
#include <doctest/doctest.h>

#include "modules/roster/test_roster.h"

using namespace meerkat;

namespace {

std::string get_since(std::string_view version) {
  return "<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='" + std::string{version} + "'/></iq>";
}

std::string version_in(std::string_view heard) {
  const auto at = heard.rfind(" ver='");
  if (at == std::string_view::npos) return {};
  const auto begin = at + 6;
  return std::string{heard.substr(begin, heard.find('\'', begin) - begin)};
}

constexpr std::string_view nothing_new = "<iq from='alice@localhost' to='alice@localhost/phone' type='result' id='g'/>";

constexpr std::string_view both_ways[] = {"versioning = true", "versioning = true\nstore_current_id = true"};

}  // namespace

TEST_CASE("§2.6.3: who has the current version is sent nothing, and who has another the whole roster") {
  for (const std::string_view options : both_ways) {
    RosterServer server{options};
    TestClient& alice = server.login("alice");
    alice.says(roster_set("<item jid='bob@localhost'/>"));
    alice.heard();

    alice.says(get_since(""));
    const std::string first = alice.heard();
    CHECK(contains(first, "<item jid='bob@localhost'"));
    const std::string version = version_in(first);
    REQUIRE(!version.empty());

    alice.says(get_since(version));
    CHECK(alice.heard() == nothing_new);
    alice.says(get_since("another"));
    CHECK(alice.hears("<item jid='bob@localhost'"));
  }
}

TEST_CASE("§2.6.4: pushes carry the new version, and it is the one that counts from then on") {
  for (const std::string_view options : both_ways) {
    RosterServer server{options};
    TestClient& alice = server.login("alice");
    alice.says(get_since(""));
    const std::string first = version_in(alice.heard());

    alice.says(roster_set("<item jid='bob@localhost'/>"));
    const std::string second = version_in(alice.heard());
    alice.says(roster_set("<item jid='bob@localhost' subscription='remove'/>"));
    const std::string third = version_in(alice.heard());

    REQUIRE(!second.empty());
    REQUIRE(!third.empty());
    CHECK(second != first);
    CHECK(third != second);
    alice.says(get_since(second));
    CHECK(alice.hears("<query xmlns='jabber:iq:roster' ver='" + third + "'/>"));
    alice.says(get_since(third));
    CHECK(alice.heard() == nothing_new);
  }
}

TEST_CASE("§3.1.3: a request that waits for an answer makes no new version") {
  for (const std::string_view options : both_ways) {
    RosterServer server{options};
    TestClient& alice = server.login("alice");
    alice.says(get_since(""));
    const std::string version = version_in(alice.heard());
    TestClient& bob = server.login("bob");

    bob.says("<presence type='subscribe' to='alice@localhost'/>");

    alice.heard();
    alice.says(get_since(version));
    CHECK(alice.heard() == nothing_new);
  }
}

TEST_CASE("§2.6: a client that says nothing of versions hears nothing of them") {
  RosterServer server{"versioning = true"};
  TestClient& alice = server.login("alice");

  alice.says("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");

  CHECK(!alice.hears(" ver="));
}

TEST_CASE("§2.6: without the option there are no versions") {
  RosterServer server;
  TestClient& alice = server.login("alice");

  alice.says(get_since("x"));
  CHECK(alice.heard() ==
        "<iq from='alice@localhost' to='alice@localhost/phone' type='result' id='g'><query "
        "xmlns='jabber:iq:roster'/></iq>");
  alice.says(roster_set("<item jid='bob@localhost'/>"));
  CHECK(!alice.hears(" ver="));
}

TEST_CASE("§2.6.1, §3.4.1: versions and approval ahead are offered as stream features after authentication") {
  RosterServer with{"versioning = true"};
  RosterServer without;
  const auto features = [](TestServer& server, bool authenticated) {
    std::string text;
    StreamFeatures event{server.host(*server.halls[0]), authenticated, text};
    CHECK(event.host.run(event).at_hand());
    return text;
  };

  CHECK(features(with, true) ==
        "<ver xmlns='urn:xmpp:features:rosterver'/><sub xmlns='urn:xmpp:features:pre-approval'/>");
  CHECK(features(without, true) == "<sub xmlns='urn:xmpp:features:pre-approval'/>");
  CHECK(features(with, false).empty());
}

TEST_CASE("a version that was kept is not believed after a change without versions") {
  RosterServer server{"versioning = true\nstore_current_id = true"};
  TestClient& alice = server.login("alice");
  alice.says(get_since(""));
  REQUIRE(server.database.rows().run_query("", "SELECT version FROM roster_version", {}, 1).count() == 1);
  for (const auto& hall : server.halls) server.host(*hall).stop_module("mod_roster");
  server.turn();
  REQUIRE(server.start(roster_module(), "versioning = true").empty());

  alice.says(roster_set("<item jid='bob@localhost'/>"));

  CHECK(server.database.rows().run_query("", "SELECT version FROM roster_version", {}, 1).count() == 0);
}
