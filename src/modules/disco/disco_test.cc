// SPDX-License-Identifier: Apache-2.0
#include "modules/disco/disco.h"

#include <doctest/doctest.h>

#include "core/service.h"
#include "core/test_hall.h"
#include "modules/roster/roster_events.h"

using namespace meerkat;

namespace {

std::string ask(std::string_view to, std::string_view what, std::string_view node = {}) {
  std::string text = "<iq type='get' id='1' to='" + std::string{to} +
                     "'><query xmlns='http://jabber.org/protocol/disco#" + std::string{what} + "'";
  if (!node.empty()) text += " node='" + std::string{node} + "'";
  return text + "/></iq>";
}

// Another module, as far as the tables show it.
struct Neighbour {
  IqReply asked(const IqRequest&) { return IqReply::empty(); }
};

struct Scene {
  explicit Scene(std::string_view options = {}) { REQUIRE(server.start(disco_module(), options) == ""); }
  TestServer server;
};

// One account with one contact, in the place of mod_roster.
struct OneRoster {
  std::string owner, contact;
  Subscription subscription = Subscription::from;

  Verdict asked(ContactsAsked& event) {
    std::vector<Contact> contacts;
    if (event.user.text() == owner) contacts.push_back({.jid = *Jid::parse(contact), .subscription = subscription});
    event.contacts = std::make_shared<const ContactList>(contacts);
    return Verdict::stop();
  }
};

}  // namespace

TEST_CASE("the server is an instant messaging server and names what its modules answer") {
  Scene scene;
  Neighbour neighbour;
  scene.server.on_all_hosts([&](HostType& host) {
    host.iqs.on_get<&Neighbour::asked>(neighbour, ns::ping, IqTarget::server);
    host.iqs.on_get<&Neighbour::asked>(neighbour, ns::vcard, IqTarget::account);
    host.disco.add_feature(IqTarget::server, ns::ping);
    host.disco.add_feature(IqTarget::server, "urn:example:added");
  });
  TestClient& alice = scene.server.online("alice");

  alice.says(ask("localhost", "info"));

  const std::string heard = alice.heard();
  CHECK(contains(heard, "<identity category='server' type='im' name='Meerkat' xml:lang='en'/>"));
  CHECK(contains(heard, "<feature var='http://jabber.org/protocol/disco#info'/>"));
  CHECK(contains(heard, "<feature var='http://jabber.org/protocol/disco#items'/>"));
  const std::size_t ping = heard.find("<feature var='urn:xmpp:ping'/>");
  REQUIRE(ping != std::string::npos);
  CHECK(heard.find("<feature var='urn:xmpp:ping'/>", ping + 1) == std::string::npos);
  CHECK(!contains(heard, "vcard-temp"));
  CHECK(contains(heard, "<feature var='urn:example:added'/>"));
  CHECK(!contains(heard, "jabber:x:data"));
}

TEST_CASE("contact addresses are told as a form of XEP-0157") {
  Scene scene{R"(
    [[server_info]]
    name = "abuse-addresses"
    urls = ["mailto:abuse@localhost", "xmpp:abuse@localhost"]
    [[server_info]]
    name = "admin-addresses"
    urls = ["mailto:<admin>@localhost"]
    modules = ["mod_disco", "mod_muc"]
    [[server_info]]
    name = "sales-addresses"
    urls = ["mailto:sales@localhost"]
    modules = ["mod_muc"]
  )"};
  TestClient& alice = scene.server.online("alice");

  alice.says(ask("localhost", "info"));

  const std::string heard = alice.heard();
  CHECK(contains(heard,
                 "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
                 "<value>http://jabber.org/network/serverinfo</value></field>"));
  CHECK(contains(heard, "<value>mailto:abuse@localhost</value><value>xmpp:abuse@localhost</value></field>"));
  CHECK(contains(heard, "mailto:&lt;admin&gt;@localhost"));
  CHECK(!contains(heard, "sales-addresses"));
}

TEST_CASE("the server's items are the services the operator names") {
  Scene scene{"extra_domains = [\"irc.example.org\", \"sms.example.org\"]"};
  TestClient& alice = scene.server.online("alice");

  alice.says(ask("localhost", "items"));

  CHECK(
      alice.hears("<query xmlns='http://jabber.org/protocol/disco#items'><item jid='irc.example.org'/>"
                  "<item jid='sms.example.org'/></query>"));
}

TEST_CASE("domains that modules serve are items of the server, in order, as long as the module runs") {
  struct Served final : Module {
    explicit Served(HostType& host) : rooms(host, "rooms.localhost"), people(host, "people.localhost") {}
    Service rooms, people;
  };
  Scene scene{"extra_domains = [\"irc.example.org\"]"};
  scene.server.on_all_hosts([](HostType& host) {
    host.start_module("mod_served", [](HostType& here) { return std::make_unique<Served>(here); });
  });
  TestClient& alice = scene.server.online("alice");

  alice.says(ask("localhost", "items"));
  CHECK(
      alice.hears("<item jid='people.localhost'/><item jid='rooms.localhost'/><item jid='irc.example.org'/></query>"));

  scene.server.on_all_hosts([](HostType& host) { host.stop_module("mod_served"); });
  alice.says(ask("localhost", "items"));
  CHECK(!alice.hears("rooms.localhost"));
}

TEST_CASE("nodes that nobody knows are not found") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  for (const std::string_view to : {"localhost", "alice@localhost"}) {
    for (const std::string_view what : {"info", "items"}) {
      alice.says(ask(to, what, "urn:example:node"));
      CHECK(alice.hears("<item-not-found"));
    }
  }
}

TEST_CASE("disco cannot be set") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  for (const std::string_view to : {"localhost", "alice@localhost"}) {
    alice.says("<iq type='set' id='1' to='" + std::string{to} +
               "'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
    CHECK(alice.hears("<not-allowed"));
  }
}

TEST_CASE("the own account is registered, and its items are its available resources") {
  Scene scene;
  TestClient& phone = scene.server.online("alice", "phone");
  scene.server.online("alice", "laptop");
  scene.server.login("alice", "silent");
  phone.heard();

  phone.says(ask("alice@localhost", "info"));
  CHECK(phone.hears("<identity category='account' type='registered'/>"));

  phone.says(ask("alice@localhost", "items"));
  const std::string heard = phone.heard();
  CHECK(contains(heard, "<item jid='alice@localhost/phone'/>"));
  CHECK(contains(heard, "<item jid='alice@localhost/laptop'/>"));
  CHECK(!contains(heard, "silent"));
}

TEST_CASE("a contact who may see the presence of an account may ask it, one who may not may not") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");
  OneRoster roster{.owner = "alice@localhost", .contact = "bob@localhost"};
  scene.server.on_all_hosts([&](HostType& host) { host.hooks.on<&OneRoster::asked>(roster); });

  bob.says(ask("alice@localhost", "items"));
  CHECK(bob.hears("<item jid='alice@localhost/phone'/>"));
  bob.says(ask("alice@localhost", "info"));
  CHECK(bob.hears("<identity category='account' type='registered'/>"));
  alice.says(ask("bob@localhost", "info"));
  CHECK(alice.hears("<service-unavailable"));

  roster.subscription = Subscription::to;
  bob.says(ask("alice@localhost", "info"));
  CHECK(bob.hears("<service-unavailable"));
}

TEST_CASE("somebody else's account tells nothing, not even whether it exists") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  scene.server.online("bob");

  for (const std::string_view what : {"info", "items"}) {
    for (const std::string_view node : {"", "urn:example:node"}) {
      std::vector<std::string> answers;
      for (const std::string_view name : {"bob", "eve"}) {
        alice.says(ask(std::string{name} + "@localhost", what, node));
        std::string heard = alice.heard();
        CHECK(contains(heard, "<service-unavailable"));
        heard.replace(heard.find(name), name.size(), "x");
        answers.push_back(heard);
      }
      CHECK(answers[0] == answers[1]);
    }
  }
  alice.says("<iq type='set' id='1' to='bob@localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  CHECK(alice.hears("<service-unavailable"));
}
