// SPDX-License-Identifier: Apache-2.0
// Against OpenLDAP's own server.
#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "store/ldap/client.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

using namespace meerkat;
using namespace meerkat::ldap;
using namespace std::chrono_literals;
using Why = Unavailable::Why;

namespace {

const std::string suffix = "dc=example,dc=org";
const std::string people = "ou=people," + suffix;
const std::string alice = "uid=alice," + people;

LdapPoolOptions options_for(std::uint16_t port) {
  LdapPoolOptions options;
  options.pool.workers = 1;
  options.pool.call_timeout = 5s;
  options.connection.servers = {"localhost"};
  options.connection.port = port;
  options.connection.connect_interval = 100ms;
  return options;
}

LdapPoolOptions as_admin(LdapPoolOptions options) {
  options.connection.root_dn = "cn=admin," + suffix;
  options.connection.password = "secret of admin";
  return options;
}

struct Asking {
  explicit Asking(const LdapPoolOptions& options) : client("ldap.test", options) {}

  bool is_connected() { return client.pool().wait_until_connected(std::chrono::steady_clock::now() + 10s); }
  Found search(Search search) { return house.ask(client.search(std::move(search))); }
  bool bind(const std::string& dn, const std::string& password) { return house.ask(client.bind(dn, password)); }
  Why why(Search search) {
    try {
      house.ask(client.search(std::move(search)));
    } catch (const Unavailable& known) {
      return known.why();
    }
    FAIL("there was an answer");
    return {};
  }
  std::string last_error() { return client.pool().workers().front().last_error; }
  // Blocks until a connection could not be made.
  std::string refusal() {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (client.pool().events().times(PoolEvent::connect_failed) == 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    CHECK_FALSE(client.pool().available());
    return last_error();
  }

  sql::TestHouse house{1};
  Client client;
};

Search of_everybody() {
  return {.base = people, .scope = SearchScope::one_level, .filter = "(uid=*)", .attributes = {"uid"}};
}

TlsClientSettings trusting(const std::string& authority) {
  TlsClientSettings tls;
  if (!authority.empty()) tls.cacertfile = authority;
  return tls;
}

}  // namespace

TEST_CASE("ldap: entries are found by base, scope, filter and attributes") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  Asking asking{options_for(slapd.port())};
  REQUIRE(asking.is_connected());

  const Found one = asking.search({.base = suffix, .filter = "(uid=alice)"});
  REQUIRE(one.entries.size() == 1);
  CHECK(one.entries[0].dn == alice);
  CHECK(one.entries[0].value("MAIL") == "alice@example.org");
  CHECK(one.entries[0].values("userPassword") == nullptr);

  const Found all = asking.search(of_everybody());
  CHECK(all.entries.size() == 3);
  CHECK(all.entries[0].attributes.size() == 1);
  CHECK(asking.search({.base = suffix, .scope = SearchScope::one_level, .filter = "(uid=*)"}).entries.empty());
  CHECK(asking.search({.base = alice, .scope = SearchScope::base}).entries.size() == 1);

  Search limited = of_everybody();
  limited.size_limit = 2;
  const Found some = asking.search(limited);
  CHECK(some.entries.size() == 2);
  CHECK_FALSE(some.complete);
}

TEST_CASE("ldap: what the directory refuses is told as such, and the connection lives on") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  Asking asking{options_for(slapd.port())};
  REQUIRE(asking.is_connected());
  CHECK_THROWS_AS(asking.search({.base = "dc=elsewhere"}), Refused);
  CHECK_THROWS_AS(asking.search({.base = suffix, .filter = "(((no filter"}), Refused);
  CHECK_THROWS_AS(asking.search({.base = "no name"}), Refused);
  CHECK(asking.search(of_everybody()).entries.size() == 3);
  CHECK(asking.client.pool().events().times(PoolEvent::connected) == 1);
}

TEST_CASE("ldap: a password is tried by logging in, and searches are ours again afterwards") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  Asking asking{as_admin(options_for(slapd.port()))};
  REQUIRE(asking.is_connected());
  CHECK(asking.bind(alice, "secret of alice"));
  CHECK(asking.search({.base = "ou=hidden," + suffix}).entries.size() == 1);
  CHECK_FALSE(asking.bind(alice, "secret of bob"));
  CHECK_FALSE(asking.bind("uid=nobody," + people, "secret"));
  CHECK_FALSE(asking.bind("no name", "secret"));
  CHECK(asking.search({.base = "ou=hidden," + suffix}).entries.size() == 1);
  CHECK(asking.client.pool().events().times(PoolEvent::connected) == 1);

  // RFC 4513 §5.1.2: the server would say yes to an empty password.
  CHECK_FALSE(asking.bind(alice, ""));
  CHECK_FALSE(asking.bind("", "secret"));

  Asking nobody{options_for(slapd.port())};
  REQUIRE(nobody.is_connected());
  CHECK_THROWS_AS(nobody.search({.base = "ou=hidden," + suffix}), Refused);
}

TEST_CASE("ldap: an answer longer than the server gives at once comes in pages") {
  LiveService slapd{"slapd", {"--absent"}};
  if (!slapd.is_there()) return;
  slapd.tell("start");
  slapd.tell("stop");
  slapd.tell("call add_people 1200");
  slapd.tell("start");
  Asking asking{as_admin(options_for(slapd.port()))};
  REQUIRE(asking.is_connected());
  Search all = of_everybody();
  all.attributes = {"uid", "description"};
  all.page_size = 100;
  const Found found = asking.search(all);
  std::set<std::string> names;
  for (const Entry& entry : found.entries) names.insert(entry.dn);
  CHECK(names.size() == 1203);
  CHECK(found.complete);
  all.size_limit = 250;
  const Found some = asking.search(all);
  CHECK(some.entries.size() == 250);
  CHECK_FALSE(some.complete);
  CHECK(asking.client.pool().events().times(PoolEvent::bytes_received) > 300'000);

  Asking anybody{options_for(slapd.port())};
  REQUIRE(anybody.is_connected());
  const Found cut = anybody.search(of_everybody());
  CHECK(cut.entries.size() == 500);
  CHECK_FALSE(cut.complete);
}

TEST_CASE("ldap: a server that is absent, killed, restarted or silent is told in time, and used again") {
  LiveService slapd{"slapd", {"--absent"}};
  if (!slapd.is_there()) return;
  LdapPoolOptions options = options_for(slapd.port());
  options.pool.call_timeout = 700ms;
  Asking asking{options};
  CHECK(asking.refusal().contains("Connection refused"));
  CHECK(asking.why(of_everybody()) == Why::down);

  slapd.tell("start");
  REQUIRE(asking.is_connected());
  CHECK(asking.search(of_everybody()).entries.size() == 3);

  // Ended while nobody asks: the next search finds a new connection, or is told that there is none.
  slapd.tell("stop");
  slapd.tell("start");
  while (asking.client.pool().events().times(PoolEvent::disconnected) == 0) std::this_thread::yield();
  REQUIRE(asking.is_connected());
  CHECK(asking.search(of_everybody()).entries.size() == 3);

  slapd.tell("pause");
  const auto before = std::chrono::steady_clock::now();
  CHECK(asking.why(of_everybody()) == Why::timed_out);
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  slapd.tell("go_on");
  REQUIRE(asking.is_connected());

  // Killed under a call.
  slapd.tell("pause");
  auto asked = asking.house.start(asking.client.search(of_everybody()));
  slapd.tell("kill");
  CHECK_THROWS_AS(asked.get(), Unavailable);
  slapd.tell("start");
  while (!asking.client.pool().available()) std::this_thread::yield();
  CHECK(asking.search(of_everybody()).entries.size() == 3);
}

TEST_CASE("ldap: the next server is tried when one is not there; our own wrong password is told") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  LdapPoolOptions options = options_for(slapd.port());
  options.connection.servers = {"no-such-host.invalid", "127.0.0.2", "127.0.0.1"};
  Asking several{options};
  REQUIRE(several.is_connected());
  CHECK(several.search(of_everybody()).entries.size() == 3);

  LdapPoolOptions wrong = as_admin(options_for(slapd.port()));
  wrong.connection.password = "wrong";
  Asking stranger{wrong};
  const std::string words = stranger.refusal();
  CHECK_MESSAGE(words.contains("cannot log in as cn=admin"), words);
  CHECK(words.contains("Invalid credentials"));
  CHECK_FALSE(words.contains("wrong"));
}

TEST_CASE("ldap: a queue that is full refuses what comes") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  LdapPoolOptions options = options_for(slapd.port());
  options.pool.max_worker_queue_len = 1;
  Asking asking{options};
  REQUIRE(asking.is_connected());
  slapd.tell("pause");
  auto first = asking.house.start(asking.client.search(of_everybody()));
  while (asking.client.pool().workers().front().under_way == 0) std::this_thread::yield();
  auto second = asking.house.start(asking.client.search(of_everybody()));
  while (asking.client.pool().queued() == 0) std::this_thread::yield();
  CHECK(asking.why(of_everybody()) == Why::full);
  slapd.tell("go_on");
  CHECK(first.get().entries.size() == 3);
  CHECK(second.get().entries.size() == 3);
}

TEST_CASE("ldap: TLS from the beginning and StartTLS, with the certificates that each verify_mode takes") {
  LiveService slapd{"slapd", {"--tls"}};
  if (!slapd.is_there()) return;
  using Verify = TlsOptions::Verify;
  const auto plain = static_cast<std::uint16_t>(std::stoi(slapd.tell("call plain_port")));
  std::string authority = slapd.tell("call use_certificate good");
  const auto may_talk = [&](Verify mode, bool starttls) {
    LdapPoolOptions options = as_admin(options_for(starttls ? plain : slapd.port()));
    options.connection.tls = trusting(authority);
    options.connection.tls->verify_mode = mode;
    options.connection.starttls = starttls;
    Asking asking{options};
    const auto& events = asking.client.pool().events();
    while (events.times(PoolEvent::connected) + events.times(PoolEvent::connect_failed) == 0) std::this_thread::yield();
    if (!asking.client.pool().available()) return false;
    CHECK(asking.bind(alice, "secret of alice"));
    return asking.search(of_everybody()).entries.size() == 3;
  };
  const auto restart_with = [&](const std::string& kind) {
    authority = slapd.tell("call use_certificate " + kind);
    slapd.tell("stop");
    slapd.tell("start");
  };
  for (const bool starttls : {false, true}) {
    CHECK(may_talk(Verify::peer, starttls));
    CHECK(may_talk(Verify::none, starttls));
  }
  authority = {};  // the system knows nothing of ours
  CHECK_FALSE(may_talk(Verify::peer, false));
  CHECK_FALSE(may_talk(Verify::peer, true));
  restart_with("other_name");
  CHECK_FALSE(may_talk(Verify::peer, false));
  CHECK(may_talk(Verify::none, false));
  restart_with("expired");
  CHECK_FALSE(may_talk(Verify::peer, false));
  CHECK_FALSE(may_talk(Verify::selfsigned_peer, true));
  restart_with("self_signed");
  CHECK_FALSE(may_talk(Verify::peer, false));
  CHECK(may_talk(Verify::selfsigned_peer, false));
  CHECK(may_talk(Verify::selfsigned_peer, true));
}
