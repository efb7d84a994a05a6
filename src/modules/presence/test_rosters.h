// SPDX-License-Identifier: Apache-2.0
// Test support: rosters in memory, in the place of mod_roster.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/test_hall.h"
#include "modules/roster/roster_events.h"

namespace meerkat {

// Of "localhost"; all workers of the test share it.
class TestRosters {
 public:
  explicit TestRosters(TestServer& server) : server_(server) {
    server.on_all_hosts([this](HostType& host) { host.hooks.on<&TestRosters::asked>(*this); });
  }

  // What `user` has of `contact`; nobody is told.
  void set(std::string_view user, std::string_view contact, Subscription subscription) {
    rosters_[std::string{user}][std::string{contact}] = subscription;
  }
  void befriend(std::string_view one, std::string_view other) {
    set(one, other, Subscription::both);
    set(other, one, Subscription::both);
  }
  // The same while the server runs, as mod_roster has it.
  void change(std::string_view user, std::string_view contact, Subscription subscription) {
    const Contact before = contact_of(contact, rosters_[std::string{user}][std::string{contact}]);
    set(user, contact, subscription);
    const Contact after = contact_of(contact, subscription);
    const Jid who = bare(user);
    Hall& home = server_.home_of(who);
    home.worker.adopt_thread();
    home.scope.spawn(tell(TestServer::host(home), who, before, after));
    server_.turn();
  }

  Verdict asked_at_once(ContactsAsked& event) {
    event.contacts = roster_of(event.user);
    return Verdict::stop();
  }
  Answer<Verdict> asked(ContactsAsked& event) {
    ++times_asked;
    if (broken) return Verdict::next();
    if (gate == nullptr) return asked_at_once(event);
    return asked_later(event);
  }

  int times_asked = 0;
  bool broken = false;
  Gate* gate = nullptr;  // when it is set, answers are made before it and arrive behind it

 private:
  static Jid bare(std::string_view node) { return *Jid::make(node, "localhost"); }
  static Contact contact_of(std::string_view node, Subscription subscription) {
    return {.jid = *Jid::parse(node.contains('@') ? std::string{node} : std::string{node} + "@localhost"),
            .subscription = subscription};
  }
  std::shared_ptr<const ContactList> roster_of(const Jid& user) {
    std::vector<Contact> contacts;
    for (const auto& [node, subscription] : rosters_[std::string{user.node()}])
      contacts.push_back(contact_of(node, subscription));
    return std::make_shared<const ContactList>(std::move(contacts));
  }
  Task<Verdict> asked_later(ContactsAsked& event) {
    auto contacts = roster_of(event.user);
    co_await *gate;
    event.contacts = std::move(contacts);
    co_return Verdict::stop();
  }
  static Task<> tell(HostType& host, Jid user, Contact before, Contact after) {
    ContactChanged event{host, user, &before, &after};
    [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  }

  TestServer& server_;
  std::map<std::string, std::map<std::string, Subscription>> rosters_;
};

}  // namespace meerkat
