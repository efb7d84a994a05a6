// SPDX-License-Identifier: Apache-2.0
#include "modules/register/register.h"

#include <doctest/doctest.h>

#include "core/events/account_events.h"
#include "core/test_hall.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view place = "192.0.2.7";

// Who registers has no session: asked as Negotiation::answer_stranger does it, on any worker.
struct Scene {
  explicit Scene(std::string_view options = {}, const RegistrationRules& rules = {}) {
    server.limits.registrations.change(rules);
    REQUIRE(server.start(register_module(), options) == "");
  }
  static RegistrationRules every(std::chrono::seconds timeout) { return {.between = timeout}; }

  // The answer as the stranger hears it; "" when nobody answers.
  std::string ask(std::string_view type, std::string_view query, std::string_view from = place,
                  std::size_t worker = 0) {
    Hall& hall = *server.halls[worker];
    hall.worker.adopt_thread();
    std::string answer;
    hall.scope.spawn(ask_at(TestServer::host(hall), std::string{type}, std::string{query}, std::string{from}, answer));
    server.turn();
    return answer;
  }
  std::string registers(std::string_view name, std::string_view password = "pass", std::string_view from = place,
                        std::size_t worker = 0) {
    return ask("set",
               "<query xmlns='jabber:iq:register'><username>" + std::string{name} + "</username><password>" +
                   std::string{password} + "</password></query>",
               from, worker);
  }

  TestServer server;

 private:
  static Task<> ask_at(HostType& host, std::string type, std::string query, std::string from, std::string& answer) {
    const Stanza request =
        make_stanza(StanzaKind::iq, *stanza_type(StanzaKind::iq, type), {}, *Jid::parse("localhost"), "r", query);
    const IqRequest asked{request, *request.element().first_child(), request.from, request.to, nullptr};
    StrangerAsks event{host, asked, from, std::nullopt};
    [[maybe_unused]] const Verdict verdict = co_await host.run(event);
    if (!event.reply) co_return;
    const StanzaError* const error = event.reply->error();
    append_stanza(answer,
                  error != nullptr ? make_error(request, *error) : make_result(request, *event.reply->content()));
  }
};

std::string change(std::string_view name, std::string_view password, std::string_view to = "localhost") {
  return "<iq type='set' id='c' to='" + std::string{to} + "'><query xmlns='jabber:iq:register'><username>" +
         std::string{name} + "</username><password>" + std::string{password} + "</password></query></iq>";
}

constexpr std::string_view done = "<iq from='localhost' type='result' id='r'/>";

struct Witness {
  std::vector<std::string> seen;
  Worker* where = nullptr;
  Verdict registered(AccountRegistered& event) {
    seen.push_back("registered " + std::string{event.user.text()});
    where = Worker::current();
    return Verdict::next();
  }
  Verdict removed(AccountRemoved& event) {
    seen.push_back("removed " + std::string{event.user.text()});
    where = Worker::current();
    return Verdict::next();
  }
};

}  // namespace

TEST_CASE("registration is offered before authentication only") {
  Scene scene;
  HostType& host = TestServer::host(*scene.server.halls[0]);
  for (const bool authenticated : {false, true}) {
    std::string features;
    StreamFeatures event{host, authenticated, features};
    [[maybe_unused]] const Answer<Verdict> answer = host.run(event);
    CHECK(features == (authenticated ? "" : "<register xmlns='http://jabber.org/features/iq-register'/>"));
  }
}

TEST_CASE("a stranger gets a form with a name and a password") {
  Scene scene;

  const std::string heard = scene.ask("get", "<query xmlns='jabber:iq:register'/>");

  CHECK(contains(heard, "<query xmlns='jabber:iq:register'><instructions>"));
  CHECK(contains(heard, "<username/><password/></query>"));
}

TEST_CASE("other questions of strangers are left to others") {
  Scene scene;

  CHECK(scene.ask("get", "<query xmlns='jabber:iq:roster'/>").empty());
}

TEST_CASE("a stranger who names himself and a password has an account, under his prepared name") {
  Scene scene;

  CHECK(scene.registers("Alice", "wonder land") == done);

  CHECK(scene.server.accounts.passwords.at("alice@localhost") == "wonder land");
}

TEST_CASE("a name that is taken is a conflict, and keeps its password") {
  Scene scene;
  scene.registers("alice", "first");

  CHECK(contains(scene.registers("ALICE", "second"), "<conflict"));

  CHECK(scene.server.accounts.passwords.at("alice@localhost") == "first");
}

TEST_CASE("what is no name, no password or only half a form makes no account") {
  Scene scene;

  CHECK(contains(scene.registers("a b@c"), "<not-acceptable"));
  CHECK(contains(scene.registers(""), "<not-acceptable"));
  CHECK(contains(scene.registers("alice", ""), "<not-acceptable"));
  CHECK(contains(scene.ask("set", "<query xmlns='jabber:iq:register'><username>alice</username></query>"),
                 "<bad-request"));
  CHECK(contains(scene.ask("set", "<query xmlns='jabber:iq:register'/>"), "<bad-request"));
  CHECK(contains(scene.ask("set", "<query xmlns='jabber:iq:register'><remove/></query>"), "type='error'"));
  CHECK(scene.server.accounts.passwords.empty());
}

TEST_CASE("a broken store is an internal error, and costs nobody his turn") {
  Scene scene{{}, Scene::every(600s)};
  scene.server.accounts.broken = true;
  CHECK(contains(scene.registers("alice"), "<internal-server-error"));

  scene.server.accounts.broken = false;

  CHECK(scene.registers("alice") == done);
}

TEST_CASE("from one place accounts are registered once in a while, whatever the worker") {
  Scene scene{{}, Scene::every(600s)};
  CHECK(scene.registers("a") == done);

  const std::string refused = scene.registers("b", "pass", place, 1);
  CHECK(contains(refused, "<resource-constraint"));
  CHECK(contains(refused, "Users are not allowed to register accounts so quickly"));
  CHECK(scene.registers("c", "pass", "192.0.2.8") == done);
  CHECK(contains(scene.registers("d", "pass", "::ffff:192.0.2.7"), "<resource-constraint"));

  scene.server.passes(599s);
  CHECK(contains(scene.registers("e"), "<resource-constraint"));
  scene.server.passes(2s);
  CHECK(scene.registers("f") == done);
}

TEST_CASE("addresses of one IPv6 network of 64 bits are one place") {
  Scene scene{{}, Scene::every(600s)};
  CHECK(scene.registers("a", "pass", "2001:db8::1") == done);

  CHECK(contains(scene.registers("b", "pass", "2001:db8::2"), "<resource-constraint"));
  CHECK(scene.registers("c", "pass", "2001:db8:0:1::1") == done);
}

TEST_CASE("a registration that fails does not count") {
  Scene scene{{}, Scene::every(600s)};
  scene.server.accounts.passwords.emplace("taken@localhost", "x");

  CHECK(contains(scene.registers("taken"), "<conflict"));
  CHECK(contains(scene.registers("alice", ""), "<not-acceptable"));

  CHECK(scene.registers("alice") == done);
}

TEST_CASE("so many accounts are registered per minute, wherever they come from") {
  Scene scene{{}, {.per_minute = 2}};
  CHECK(scene.registers("a", "pass", "192.0.2.1") == done);
  CHECK(scene.registers("b", "pass", "192.0.2.2") == done);

  CHECK(contains(scene.registers("c", "pass", "192.0.2.3"), "<resource-constraint"));
  CHECK(scene.server.limits.refusals.times(Refusal::registrations) == 1);

  scene.server.passes(30s);
  CHECK(scene.registers("d", "pass", "192.0.2.4") == done);
}

TEST_CASE("a timeout of 0 or infinity is no limit") {
  for (const RegistrationRules& rules : {RegistrationRules{}, Scene::every(0s)}) {
    Scene scene{{}, rules};
    CHECK(scene.registers("a") == done);
    CHECK(scene.registers("b") == done);
  }
}

TEST_CASE("a password that is too weak is refused, at registration and at change") {
  Scene scene{"password_strength = 32"};

  CHECK(contains(scene.registers("alice", "abcdef"), "The password is too weak"));
  CHECK(scene.registers("alice", "abcDEF9") == done);

  TestClient& alice = scene.server.online("alice");
  alice.says(change("alice", "abcdef"));
  CHECK(alice.hears("The password is too weak"));
  CHECK(scene.server.accounts.passwords.at("alice@localhost") == "abcDEF9");
}

TEST_CASE("networks may be kept out; the first rule that matches decides") {
  Scene scene{R"(
    ip_access = [
      {address = "192.0.2.7", policy = "allow"},
      {address = "192.0.2.0/24", policy = "deny"},
      {address = "2001:db8::/33", policy = "deny"},
    ]
  )"};

  CHECK(scene.registers("a", "pass", "192.0.2.7") == done);
  CHECK(contains(scene.registers("b", "pass", "192.0.2.8"), "<forbidden"));
  CHECK(contains(scene.registers("c", "pass", "::ffff:192.0.2.9"), "<forbidden"));
  CHECK(contains(scene.registers("d", "pass", "2001:db8:7fff::1"), "<forbidden"));
  CHECK(scene.registers("e", "pass", "2001:db8:8000::1") == done);
  CHECK(scene.registers("f", "pass", "203.0.113.1") == done);
  CHECK(contains(scene.registers("g", "pass", ""), "<forbidden"));
}

TEST_CASE("the access rule decides about the name") {
  Scene scene{"access = \"register\""};
  AccessTables tables{.acl = {}, .access = {{"register", {{"admin", "deny"}, {"all", "allow"}}}}};
  tables.acl["admin"].emplace_back().user.emplace("root");
  const auto rules = std::make_shared<const AccessRules>(std::move(tables));
  scene.server.on_all_hosts([&](HostType& host) { host.access = rules; });

  CHECK(contains(scene.registers("root"), "<forbidden"));
  CHECK(scene.registers("alice") == done);
}

TEST_CASE("options of mod_register are checked") {
  TestServer server;

  CHECK(contains(server.start(register_module(), "ip_access = [{address = \"1.2.3\", policy = \"deny\"}]"),
                 "is not a network"));
  CHECK(contains(server.start(register_module(), "ip_access = [{address = \"1.2.3.4/33\", policy = \"deny\"}]"),
                 "is not a network"));
  CHECK(contains(server.start(register_module(), "ip_access = [{address = \"1.2.3.4\"}]"), "policy"));
  CHECK(contains(server.start(register_module(), "registration_watchers = [\"@\"]"), "an address"));
  CHECK(contains(server.start(register_module(), "password_strength = -1"), "password_strength"));
}

TEST_CASE("watchers hear of new accounts, and from where they came") {
  Scene scene{"registration_watchers = [\"admin@localhost\"]"};
  TestClient& admin = scene.server.online("admin");

  scene.registers("alice");

  const std::string heard = admin.heard();
  CHECK(contains(heard, "<message from='localhost' to='admin@localhost' type='chat'><body>"));
  CHECK(contains(heard, "alice@localhost"));
  CHECK(contains(heard, place));
}

TEST_CASE("new accounts are told of at their home") {
  Scene scene;
  Witness witness;
  scene.server.on_all_hosts([&](HostType& host) { host.hooks.on<&Witness::registered>(witness); });

  for (const std::string_view name : {"alice", "bob", "carol", "dave"}) {
    CHECK(scene.registers(name) == done);
    const Jid user = *Jid::make(name, "localhost");
    CHECK(witness.seen.back() == "registered " + std::string{user.text()});
    CHECK(witness.where == &scene.server.home_of(user).worker);
  }
}

namespace {

// Keeps what finds nobody, as the offline store does.
struct Keeper {
  std::string kept;
  Verdict keep(MessageFindsNobody& event) {
    append_stanza(kept, event.entry.stanza);
    return Verdict::stop();
  }
};

}  // namespace

TEST_CASE("a new account is welcomed") {
  Scene scene{"welcome_message = {subject = \"Hello\", body = \"Be <nice>.\"}"};
  Keeper keeper;
  scene.server.on_all_hosts([&](HostType& host) { host.hooks.on<&Keeper::keep>(keeper); });

  scene.registers("alice");

  CHECK(keeper.kept ==
        "<message from='localhost' to='alice@localhost'><subject>Hello</subject><body>Be &lt;nice&gt;.</body>"
        "</message>");
}

TEST_CASE("who is logged in is told that he is registered") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  for (const std::string_view to : {"", " to='localhost'", " to='alice@localhost'"}) {
    alice.says("<iq type='get' id='f'" + std::string{to} + "><query xmlns='jabber:iq:register'/></iq>");
    CHECK(alice.hears("<query xmlns='jabber:iq:register'><registered/><username>alice</username>"));
  }
}

TEST_CASE("the owner changes his password, and nobody else's") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  scene.server.online("bob");

  alice.says(change("ALICE", "new"));
  CHECK(alice.hears("type='result' id='c'/>"));
  CHECK(scene.server.accounts.passwords.at("alice@localhost") == "new");

  alice.says(change("alice", "newer", "alice@localhost"));
  CHECK(alice.hears("type='result' id='c'/>"));

  alice.says(change("bob", "stolen"));
  CHECK(alice.hears("<not-allowed"));
  alice.says(change("bob", "stolen", "bob@localhost"));
  CHECK(alice.hears("<service-unavailable"));
  alice.says(change("alice", "", "localhost"));
  CHECK(alice.hears("<not-acceptable"));
  alice.says("<iq type='set' id='c'><query xmlns='jabber:iq:register'><password>x</password></query></iq>");
  CHECK(alice.hears("<bad-request"));
  CHECK(scene.server.accounts.passwords.at("bob@localhost") == "secret");
  CHECK(scene.server.accounts.passwords.at("alice@localhost") == "newer");
}

TEST_CASE("an account that is cancelled is gone, its owner hears so, and all its sessions end") {
  Scene scene;
  Witness witness;
  scene.server.on_all_hosts([&](HostType& host) { host.hooks.on<&Witness::removed>(witness); });
  TestClient& phone = scene.server.online("alice", "phone");
  TestClient& laptop = scene.server.online("alice", "laptop");
  TestClient& bob = scene.server.online("bob");
  phone.heard();

  phone.says("<iq type='set' id='x'><query xmlns='jabber:iq:register'><remove/></query></iq>");

  const std::string heard = phone.heard();
  CHECK(heard.starts_with("<presence from='alice@localhost/laptop'"));
  CHECK(contains(heard, "<iq from='alice@localhost' to='alice@localhost/phone' type='result' id='x'/><stream:error>"));
  CHECK(contains(heard, "<stream:error><not-authorized"));
  CHECK(phone.session == nullptr);
  CHECK(laptop.ended_with == "not-authorized");
  CHECK(bob.session != nullptr);
  CHECK(!scene.server.accounts.passwords.contains("alice@localhost"));
  CHECK(witness.seen == std::vector<std::string>{"removed alice@localhost"});
  CHECK(scene.registers("alice") == done);
}

TEST_CASE("an account can be cancelled by way of the server as well") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  alice.says("<iq type='set' id='x' to='localhost'><query xmlns='jabber:iq:register'><remove/></query></iq>");

  CHECK(alice.hears("<iq from='localhost' to='alice@localhost/phone' type='result' id='x'/>"));
  CHECK(alice.session == nullptr);
}

TEST_CASE("who cancels says nothing else, and only for himself") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  scene.server.online("bob");

  alice.says(
      "<iq type='set' id='x'><query xmlns='jabber:iq:register'><remove/><username>alice</username></query></iq>");
  CHECK(alice.hears("<bad-request"));
  alice.says("<iq type='set' id='x' to='bob@localhost'><query xmlns='jabber:iq:register'><remove/></query></iq>");
  CHECK(alice.hears("<service-unavailable"));

  CHECK(alice.session != nullptr);
  CHECK(scene.server.accounts.passwords.size() == 2);
}
