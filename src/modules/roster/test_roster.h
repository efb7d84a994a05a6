// SPDX-License-Identifier: Apache-2.0
// Test support: a server with rosters, and how people of tests speak of contacts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/test_hall.h"
#include "modules/roster/roster.h"
#include "modules/roster/roster_events.h"

namespace meerkat {

inline std::string presence(std::string_view type, std::string_view to) {
  return "<presence type='" + std::string{type} + "' to='" + std::string{to} + "'/>";
}

struct RosterServer : TestServer {
  explicit RosterServer(std::string_view options = {}) {
    check(start(roster_module(), options).empty(), "the roster starts");
  }

  // Somebody who has asked for the roster and is available; what is heard of that is forgotten.
  TestClient& interested(std::string_view node, std::string_view resource = "phone") {
    TestClient& client = login(node, resource);
    client.says("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
    client.says("<presence/>");
    client.heard();
    return client;
  }

  // The contacts of a roster as its owner sees them, with a session of its own.
  std::string roster_of(std::string_view node) {
    TestClient& client = login(node, "looks");
    client.says("<iq type='get' id='look'><query xmlns='jabber:iq:roster'/></iq>");
    const std::string heard = client.heard();
    client.disconnects();
    const std::string_view from = "<query xmlns='jabber:iq:roster'>";
    const auto begin = heard.find(from);
    if (begin == std::string::npos) return {};
    return heard.substr(begin + from.size(), heard.find("</query>") - begin - from.size());
  }

  // Alice and bob see each other.
  void make_friends(TestClient& alice, TestClient& bob) {
    alice.says(presence("subscribe", "bob@localhost"));
    bob.says(presence("subscribed", "alice@localhost"));
    bob.says(presence("subscribe", "alice@localhost"));
    alice.says(presence("subscribed", "bob@localhost"));
    alice.heard();
    bob.heard();
  }
};

// Two who have their rosters; what they heard so far is forgotten.
struct Neighbours {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  TestClient& bob = server.interested("bob");

  void are_friends() { server.make_friends(alice, bob); }
  void alice_has_asked() {
    alice.says(presence("subscribe", "bob@localhost"));
    alice.heard();
    bob.heard();
  }
};

inline std::string roster_set(std::string_view item, std::string_view id = "set") {
  return "<iq type='set' id='" + std::string{id} + "'><query xmlns='jabber:iq:roster'>" + std::string{item} +
         "</query></iq>";
}

}  // namespace meerkat
