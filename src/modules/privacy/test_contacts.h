// SPDX-License-Identifier: Apache-2.0
// Test support: contacts in memory, in the place of mod_roster; and how the tests of this room speak.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/events/account_events.h"
#include "core/test_hall.h"
#include "modules/privacy/privacy.h"
#include "modules/roster/roster_events.h"

namespace meerkat {

// Of "localhost"; all workers of the test share it.
class TestContacts {
 public:
  explicit TestContacts(TestServer& server) : server_(server) {
    server.on_all_hosts([this](HostType& host) { host.hooks.on<&TestContacts::asked>(*this); });
  }

  void set(std::string_view user, std::string_view contact, Subscription subscription,
           std::vector<std::string> groups = {}) {
    const Jid jid = *Jid::make(contact, "localhost");
    const Contact after{.jid = jid, .subscription = subscription, .groups = std::move(groups)};
    auto& place = rosters_[std::string{user}];
    const auto known = place.find(jid);
    const bool is_new = known == place.end();
    const Contact before = is_new ? Contact{} : known->second;
    place[jid] = after;
    const Jid who = *Jid::make(user, "localhost");
    Hall& home = server_.home_of(who);
    home.worker.adopt_thread();
    home.scope.spawn(tell(TestServer::host(home), who, is_new ? nullptr : &before, &after));
    server_.turn();
  }

  // As mod_presence does at login: those who see the account are told of its presence, and it asks for theirs.
  void meet(TestClient& client) {
    std::vector<AccountKey> see_it, seen;
    for (const auto& [jid, contact] : rosters_[std::string{client.session->jid.node()}]) {
      if (is_seen(contact.subscription)) see_it.push_back(key_of(jid));
      if (sees(contact.subscription)) seen.push_back(key_of(jid));
    }
    Hall& home = client.session->host.hall;
    home.worker.adopt_thread();
    home.presence.meet(*client.session->account, Audience{std::move(see_it)});
    home.presence.probe(*client.session, Audience{std::move(seen)});
    server_.turn();
  }

  Verdict asked(ContactsAsked& event) {
    std::vector<Contact> contacts;
    for (const auto& [jid, contact] : rosters_[std::string{event.user.node()}]) contacts.push_back(contact);
    event.contacts = std::make_shared<const ContactList>(std::move(contacts));
    return Verdict::stop();
  }

 private:
  static Task<> tell(HostType& host, Jid user, const Contact* before, const Contact* after) {
    ContactChanged event{host, user, before, after};
    [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  }

  TestServer& server_;
  std::map<std::string, std::map<Jid, Contact>> rosters_;
};

// A server with privacy lists and the blocking command.
struct PrivacyServer : TestServer {
  explicit PrivacyServer(std::size_t workers = 2) : TestServer(workers) {
    check(start(privacy_module()).empty(), "mod_privacy starts");
    check(start(blocking_module()).empty(), "mod_blocking starts");
  }
  TestContacts contacts{*this};
};

// What the client heard for a request about privacy lists.
inline std::string lists(TestClient& client, std::string_view type, std::string_view content) {
  client.heard();
  client.says("<iq type='" + std::string{type} + "' id='l'><query xmlns='jabber:iq:privacy'>" + std::string{content} +
              "</query></iq>");
  return client.heard();
}
inline bool is_result(std::string_view heard) { return contains(heard, "type='result'"); }

// Writes the list and makes it the default.
inline void goes_by(TestClient& client, std::string_view items) {
  check(is_result(lists(client, "set", "<list name='mine'>" + std::string{items} + "</list>")), "the list is written");
  check(is_result(lists(client, "set", "<default name='mine'/>")), "it is the default");
}

// What the client heard for <block/>, <unblock/>, <blocklist/>.
inline std::string blocking(TestClient& client, std::string_view type, std::string_view command,
                            std::string_view items = {}) {
  client.heard();
  client.says("<iq type='" + std::string{type} + "' id='b'><" + std::string{command} + " xmlns='urn:xmpp:blocking'>" +
              std::string{items} + "</" + std::string{command} + "></iq>");
  return client.heard();
}
inline void blocks(TestClient& client, std::string_view jid) {
  check(is_result(blocking(client, "set", "block", "<item jid='" + std::string{jid} + "'/>")), "it is blocked");
}

inline std::string chat(std::string_view to, std::string_view body = "hi") {
  return "<message to='" + std::string{to} + "' type='chat'><body>" + std::string{body} + "</body></message>";
}

}  // namespace meerkat
