// SPDX-License-Identifier: Apache-2.0
#include "modules/last/last.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/test_file_log.h"
#include "core/events/account_events.h"
#include "core/stream_management.h"
#include "core/test_hall.h"
#include "modules/last/last_book.h"
#include "modules/roster/roster_events.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// Alice, bob and carol see each other, and the server keeps when they were last here.
struct Scene {
  explicit Scene(std::string_view options = {}) {
    server.on_all_hosts([this](HostType& host) { host.hooks.on<&Scene::contacts_asked>(*this); });
    REQUIRE(server.start(last_module(), options) == "");
    alice = &server.online("alice");
    bob = &server.online("bob");
  }
  Verdict contacts_asked(ContactsAsked& event) {
    if (!knows_contacts) return Verdict::next();
    std::vector<Contact> contacts;
    for (const char* name : {"alice", "bob", "carol"})
      contacts.push_back({.jid = *Jid::make(name, "localhost"), .subscription = Subscription::both});
    event.contacts = std::make_shared<const ContactList>(std::move(contacts));
    return Verdict::stop();
  }
  std::string asks(TestClient& who, std::string_view to) {
    who.heard();
    who.says("<iq type='get' id='1' to='" + std::string{to} + "'><query xmlns='jabber:iq:last'/></iq>");
    return who.heard();
  }
  std::string asks_of_bob() { return asks(*alice, "bob@localhost"); }
  LastBook& book_of(std::string_view name) {
    return *LastBook::find(TestServer::host(server.home_of(*Jid::make(name, "localhost"))));
  }

  bool knows_contacts = true;  // false: they cannot be read
  TestServer server;
  TestClient* alice = nullptr;
  TestClient* bob = nullptr;
};

constexpr sql::Query<std::tuple<std::string, std::int64_t, std::string>> all_rows{
    "rows", "SELECT username, seconds, state FROM last ORDER BY username"};

}  // namespace

TEST_CASE("whoever is here was here just now, and whoever left was here so long ago") {
  Scene scene;
  CHECK(contains(scene.asks_of_bob(), "<query xmlns='jabber:iq:last' seconds='0'/>"));
  scene.bob->says("<presence type='unavailable'><status>Heading &amp; Home</status></presence>");
  CHECK(contains(scene.asks_of_bob(), "<query xmlns='jabber:iq:last' seconds='0'/>"));

  scene.bob->disconnects();
  scene.server.passes(903s);

  CHECK(contains(scene.asks_of_bob(), "<query xmlns='jabber:iq:last' seconds='903'>Heading &amp; Home</query>"));
}

TEST_CASE("while contacts cannot be read nobody is told that he is none") {
  Scene scene;
  scene.knows_contacts = false;
  for (const char* to : {"bob@localhost", "bob@localhost/phone"}) {
    const std::string refusal = scene.asks(*scene.alice, to);
    CHECK(contains(refusal, "type='wait'"));
    CHECK(contains(refusal, "<internal-server-error"));
  }
  CHECK(contains(scene.asks(*scene.alice, "alice@localhost"), "seconds='0'"));
}

TEST_CASE("a session that breaks off says nothing, and each one overtakes those before it") {
  Scene scene;
  TestClient& desk = scene.server.online("bob", "desk");
  scene.bob->says("<presence type='unavailable'><status>later</status></presence>");
  scene.bob->disconnects();
  scene.server.passes(10s);

  desk.disconnects();

  CHECK(contains(scene.asks_of_bob(), "<query xmlns='jabber:iq:last' seconds='0'/>"));
}

TEST_CASE("a session that waits for its client has not left") {
  Scene scene;
  scene.bob->enables_management(StreamManagementOptions{});
  scene.bob->loses_connection();
  scene.server.passes(100s);
  CHECK(contains(scene.asks_of_bob(), "<query xmlns='jabber:iq:last' seconds='0'/>"));
  CHECK(scene.server.database.rows().all(all_rows).empty());

  scene.server.passes(StreamManagementOptions{}.resume_timeout);
  scene.server.passes(7s);

  CHECK(scene.server.database.rows().all(all_rows).size() == 1);
  CHECK(contains(scene.asks_of_bob(), "<query xmlns='jabber:iq:last' seconds='7'/>"));
}

TEST_CASE("what is asked of the store is counted by the names of the metrics reference") {
  Scene scene;
  scene.bob->disconnects();
  scene.asks_of_bob();

  std::map<std::string, std::int64_t> counts;
  for (const auto& series : scene.server.metrics.read()) {
    if (series.event.name != "mod_last_mnesia") continue;
    CHECK(series.labels.at(1) == "localhost");
    counts[series.labels.at(0)] += std::get<std::int64_t>(series.readings.at(0));
  }
  CHECK(counts == std::map<std::string, std::int64_t>{{"get_last", 1}, {"set_last_info", 1}, {"session_cleanup", 0}});
}

TEST_CASE("who never was available has not been here") {
  Scene scene;
  scene.server.login("carol").disconnects();

  CHECK(scene.server.database.rows().all(all_rows).empty());
}

TEST_CASE("long last words are cut between characters") {
  Scene scene;
  std::string status(1023, 'x');
  scene.bob->says("<presence type='unavailable'><status>" + status + "☂</status></presence>");

  const auto rows = scene.server.database.rows().all(all_rows);
  REQUIRE(rows.size() == 1);
  CHECK(std::get<2>(rows.front()) == status);
}

TEST_CASE("a time in the future is now") {
  Scene scene;
  scene.bob->disconnects();
  scene.book_of("bob").set(*Jid::make("bob", "localhost"), {.seconds = 4'000'000'000, .status = "soon"});
  scene.server.turn();

  CHECK(contains(scene.asks_of_bob(), "seconds='0'>soon<"));
}

TEST_CASE("strangers hear the same of everybody") {
  Scene scene;
  TestClient& eve = scene.server.login("eve");
  std::string of_nobody = scene.asks(eve, "kim@localhost");
  CHECK(contains(of_nobody, "<forbidden"));
  of_nobody.replace(of_nobody.find("kim"), 3, "bob");

  CHECK(scene.asks(eve, "bob@localhost") == of_nobody);
  scene.bob->disconnects();
  CHECK(scene.asks(eve, "bob@localhost") == of_nobody);
}

TEST_CASE("the server tells how long it has been running, whatever became of its modules") {
  Scene scene;
  scene.server.passes(60s);
  scene.server.on_all_hosts([](HostType& host) { host.stop_module("mod_last"); });
  REQUIRE(scene.server.start(last_module()) == "");

  CHECK(contains(scene.asks(*scene.alice, "localhost"), "<query xmlns='jabber:iq:last' seconds='60'/>"));
}

TEST_CASE("while the database is away whoever asks hears that something is wrong, and nothing is lost") {
  Scene scene;
  scene.server.database.broken = true;
  scene.bob->says("<presence type='unavailable'><status>bye</status></presence>");
  scene.bob->disconnects();
  // It is known here nevertheless.
  CHECK(contains(scene.asks_of_bob(), "seconds='0'>bye<"));
  scene.server.database.broken = false;
  scene.server.online("carol").disconnects();
  scene.server.passes(5s);
  scene.server.database.broken = true;
  CHECK(contains(scene.asks(*scene.alice, "carol@localhost"), "<internal-server-error"));
  scene.server.database.broken = false;

  scene.server.passes(2s);

  const auto rows = scene.server.database.rows().all(all_rows);
  REQUIRE(rows.size() == 2);
  CHECK(std::get<0>(rows.front()) == "bob");
  CHECK(std::get<2>(rows.front()) == "bye");
}

TEST_CASE("what is told while an older word waits for the database takes its place") {
  Scene scene;
  scene.server.database.broken = true;
  const Jid bob = *Jid::make("bob", "localhost");
  LastBook& book = scene.book_of("bob");
  Hall& home = scene.server.home_of(bob);
  home.worker.adopt_thread();
  book.set(bob, {.seconds = 1, .status = "one"});
  book.set(bob, {.seconds = 2, .status = "two"});
  book.remove(bob);
  book.set(bob, {.seconds = 3, .status = "three"});
  scene.server.turn();
  scene.server.database.broken = false;

  scene.server.passes(2s);

  using Rows = std::vector<std::tuple<std::string, std::int64_t, std::string>>;
  CHECK(scene.server.database.rows().all(all_rows) == Rows{{"bob", 3, "three"}});
}

TEST_CASE("more than there is room for is lost, and told to the log once") {
  const FileLog log;
  Scene scene;
  scene.server.database.broken = true;
  LastBook& book = scene.book_of("bob");
  scene.server.home_of(*Jid::make("bob", "localhost")).worker.adopt_thread();

  for (std::size_t i = 0; i < LastBook::most_waiting + 5; ++i)
    book.set(*Jid::make("user" + std::to_string(i), "localhost"), {.seconds = 7, .status = ""});
  CHECK(log.count("last_activity_lost") == 1);
  scene.server.database.broken = false;
  scene.server.passes(2s);

  CHECK(scene.server.database.rows().all(all_rows).size() == LastBook::most_waiting);
  CHECK(log.count("last_activity_lost") == 2);
}

TEST_CASE("what was kept of a removed account is gone, also what its last session would say") {
  Scene scene;
  TestClient& desk = scene.server.online("bob", "desk");
  desk.disconnects();
  REQUIRE(scene.server.database.rows().all(all_rows).size() == 1);
  const Jid bob = *Jid::make("bob", "localhost");
  Hall& home = scene.server.home_of(bob);
  home.worker.adopt_thread();

  home.fire(AccountRemoved{TestServer::host(home), bob});
  scene.server.turn();
  scene.bob->disconnects();

  CHECK(scene.server.database.rows().all(all_rows).empty());
}

TEST_CASE("a new account begins without a past") {
  Scene scene;
  scene.bob->disconnects();
  const Jid bob = *Jid::make("bob", "localhost");
  Hall& home = scene.server.home_of(bob);
  home.worker.adopt_thread();

  home.fire(AccountRegistered{TestServer::host(home), bob});
  scene.server.turn();

  CHECK(scene.server.database.rows().all(all_rows).empty());
}
