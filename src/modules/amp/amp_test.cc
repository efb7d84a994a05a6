// SPDX-License-Identifier: Apache-2.0
#include "modules/amp/amp.h"

#include <doctest/doctest.h>

#include "core/test_disco.h"
#include "core/test_metrics.h"
#include "modules/offline/offline_events.h"
#include "modules/roster/roster_events.h"

using namespace meerkat;

namespace {

std::string rule(std::string_view condition, std::string_view action, std::string_view value) {
  return "<rule condition='" + std::string{condition} + "' action='" + std::string{action} + "' value='" +
         std::string{value} + "'/>";
}

// Keeps rosters, as far as these tests need it: who may see whom.
struct Rosters {
  Verdict asked(ContactsAsked& event) {
    if (!kept) return Verdict::next();
    std::vector<Contact> contacts;
    if (const auto seen_by = subscribers.find(std::string{event.user.node()}); seen_by != subscribers.end())
      contacts.push_back({.jid = *Jid::make(seen_by->second, "localhost"), .subscription = Subscription::from});
    event.contacts = std::make_shared<const ContactList>(std::move(contacts));
    return Verdict::stop();
  }
  bool kept = false;
  std::map<std::string, std::string> subscribers;  // of whom: who sees him
};

// Keeps what finds nobody, as far as these tests need it.
struct Keeper {
  Verdict asked(KeepingAsked& event) {
    event.kept = keeps;
    return Verdict::next();
  }
  Verdict found_nobody(MessageFindsNobody& event) {
    if (!keeps) return Verdict::next();
    append_stanza(kept, event.entry.stanza);
    MessageKept done{event.host, EntryRef{event.entry}};
    CHECK(done.host.run(done).at_hand());
    return Verdict::stop();
  }
  bool keeps = false;
  std::string kept;
};

struct Scene {
  Scene() {
    REQUIRE(server.start(amp_module()) == "");
    server.on_all_hosts([this](HostType& host) {
      host.hooks.on<&Rosters::asked>(rosters);
      host.hooks.on<&Keeper::asked>(keeper);
      host.hooks.on<&Keeper::found_nobody>(keeper);
    });
    alice = &server.online("alice", "a");
  }
  // What alice hears when she says so.
  std::string sends(std::string_view to, const std::string& rules, std::string_view type = "chat") {
    alice->says("<message type='" + std::string{type} + "' id='m' to='" + std::string{to} +
                "'><body>hi</body><amp xmlns='http://jabber.org/protocol/amp'>" + rules + "</amp></message>");
    return alice->heard();
  }

  TestServer server;
  Rosters rosters;
  Keeper keeper;
  TestClient* alice = nullptr;
};

constexpr std::string_view bare = "bob@localhost", phone = "bob@localhost/phone", gone = "bob@localhost/gone";

bool is_notified(const std::string& heard, const std::string& of) {
  return contains(heard,
                  "<message from='localhost' to='alice@localhost/a' id='m'><amp "
                  "xmlns='http://jabber.org/protocol/amp' status='notify' "
                  "from='alice@localhost/a' to='") &&
         contains(heard, of + "</amp></message>");
}

bool has_failed(const std::string& heard, const std::string& of) {
  return contains(heard,
                  "type='error' id='m'><amp "
                  "xmlns='http://jabber.org/protocol/amp' status='error'") &&
         contains(heard, "<failed-rules xmlns='http://jabber.org/protocol/amp#errors'>" + of);
}

}  // namespace

TEST_CASE("a sender is notified of what happens, and it happens") {
  Scene scene;
  TestClient& bob = scene.server.online("bob", "phone");
  for (const std::string& met : {rule("deliver", "notify", "direct"), rule("match-resource", "notify", "any"),
                                 rule("match-resource", "notify", "other")}) {
    CHECK(is_notified(scene.sends(bare, met), met));
    CHECK(contains(bob.heard(), "<body>hi</body></message>"));
  }
  const std::string exact = rule("match-resource", "notify", "exact");
  CHECK(is_notified(scene.sends(phone, exact), exact));
  CHECK(contains(bob.heard(), "<body>hi</body></message>"));
}

TEST_CASE("a message is dropped, or fails, when its sender wishes that") {
  Scene scene;
  TestClient& bob = scene.server.online("bob", "phone");
  bob.heard();

  CHECK(scene.sends(bare, rule("deliver", "drop", "direct")) == "");
  CHECK(counted(scene.server.metrics, "router_stanza_dropped", "count") == 1);
  const std::string other = rule("match-resource", "error", "other");
  CHECK(has_failed(scene.sends(gone, other), other));
  CHECK(bob.heard() == "");
  CHECK(scene.sends(phone, other) == "");
  CHECK(contains(bob.heard(), "<body>hi</body></message>"));
}

TEST_CASE("rules that are not met change nothing") {
  Scene scene;
  TestClient& bob = scene.server.online("bob", "phone");

  CHECK(scene.sends(bare, rule("deliver", "error", "stored") + rule("deliver", "drop", "none")) == "");

  CHECK(contains(bob.heard(),
                 "<message from='alice@localhost/a' to='bob@localhost' type='chat' id='m'>"
                 "<body>hi</body></message>"));
}

TEST_CASE("what nobody takes and nobody keeps is not delivered at all") {
  Scene scene;
  scene.server.login("bob", "silent");
  const std::string notify = rule("deliver", "notify", "none"), error = rule("deliver", "error", "none");

  CHECK(scene.sends(bare, rule("deliver", "drop", "none")) == "");
  CHECK(has_failed(scene.sends(bare, error), error));
  const std::string heard = scene.sends(bare, notify);
  CHECK(is_notified(heard, notify));
  CHECK(contains(heard, "<service-unavailable"));
  CHECK(has_failed(scene.sends(gone, error, "normal"), error));
  CHECK(has_failed(scene.sends(bare, error, "headline"), error));
}

TEST_CASE("a message that is kept for later is stored") {
  Scene scene;
  scene.keeper.keeps = true;
  const std::string notify = rule("deliver", "notify", "stored"), error = rule("deliver", "error", "stored");

  CHECK(scene.sends(bare, rule("deliver", "drop", "stored")) == "");
  CHECK(has_failed(scene.sends(bare, error), error));
  const std::string other = rule("match-resource", "error", "other");
  CHECK(has_failed(scene.sends(gone, other), other));
  CHECK(scene.keeper.kept == "");
  CHECK(is_notified(scene.sends(bare, notify), notify));
  CHECK(contains(scene.keeper.kept, "<body>hi</body>"));
  scene.keeper.kept.clear();
  CHECK(scene.sends(bare, rule("deliver", "error", "none") + rule("deliver", "drop", "direct")) == "");
  CHECK(contains(scene.keeper.kept, "<body>hi</body></message>"));
}

TEST_CASE("rules that cannot be accepted come back at once") {
  Scene scene;
  TestClient& bob = scene.server.online("bob", "phone");
  const std::string alert = rule("deliver", "alert", "stored");

  CHECK(scene.sends(bare, alert) ==
        "<message from='localhost' to='alice@localhost/a' type='error' "
        "id='m'><amp "
        "xmlns='http://jabber.org/protocol/amp' from='alice@localhost/a' "
        "to='bob@localhost'>" +
            alert +
            "</amp><error code='400' type='modify'><bad-request "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
            "<unsupported-actions xmlns='http://jabber.org/protocol/amp'>" + alert +
            "</unsupported-actions></error></message>");
  CHECK(contains(scene.sends(bare, rule("expire-at", "drop", "2004-01-01T00:00:00Z")), "<unsupported-conditions"));
  CHECK(contains(scene.sends(bare, rule("deliver", "drop", "any")), "code='405'"));
  CHECK(!contains(bob.heard(), "<body>"));
}

TEST_CASE("who may not see the recipient's presence does not learn it from rules") {
  Scene scene;
  scene.rosters.kept = true;
  scene.rosters.subscribers["bob"] = "carol";
  TestClient& bob = scene.server.online("bob", "phone");
  const std::string notify = rule("deliver", "notify", "direct"), drop = rule("deliver", "drop", "stored");

  for (const std::string_view to : {bare, std::string_view{"nobody@localhost"}}) {
    const std::string heard = scene.sends(to, drop + notify);
    CHECK(contains(heard, "<not-acceptable"));
    CHECK(contains(heard, "<invalid-rules xmlns='http://jabber.org/protocol/amp'>" + notify + "</invalid-rules>"));
  }
  CHECK(!contains(bob.heard(), "<body>"));
  CHECK(scene.sends(bare, drop) == "");
  CHECK(contains(bob.heard(), "<body>hi</body></message>"));

  scene.rosters.subscribers["bob"] = "alice";
  CHECK(is_notified(scene.sends(bare, notify), notify));
}

TEST_CASE(
    "a recipient who lets a message in from nobody is like one who is "
    "not there") {
  struct Closed final : StanzaRules {
    bool lets_in(const Stanza&) const override { return false; }
    bool lets_out(const Stanza&) const override { return true; }
  };
  Scene scene;
  TestClient& bob = scene.server.online("bob", "phone");
  bob.session->rules = std::make_shared<const Closed>();

  for (const std::string_view value : {"direct", "none", "stored"}) {
    const std::string heard = scene.sends(bare, rule("deliver", "notify", value));
    CHECK(contains(heard, "<service-unavailable"));
    CHECK(!contains(heard, "status="));
  }
}

TEST_CASE("the server says what it understands") {
  Scene scene;
  const std::string told = node_info(scene.server, *scene.alice, "localhost", ns::amp.uri);

  for (const std::string_view var : {"'http://jabber.org/protocol/amp'", "amp?action=drop'", "amp?action=error'",
                                     "amp?action=notify'", "amp?condition=deliver'", "amp?condition=match-resource'"})
    CHECK(contains(told, std::string{var} + "/>"));
  std::string features;
  StreamFeatures event{TestServer::host(*scene.server.halls[0]), true, features};
  CHECK(event.host.run(event).at_hand());
  CHECK(features == "<amp xmlns='http://jabber.org/features/amp'/>");
}
