// SPDX-License-Identifier: Apache-2.0
// Test support: two people on a server that is stopped and started anew.
#pragma once

#include "server/test_site.h"

namespace meerkat {

inline constexpr std::string_view carbons_on = "<iq type='set' id='e'><enable xmlns='urn:xmpp:carbons:2'/></iq>";

inline std::string chat(std::string_view body, std::string_view to = "bob@localhost/phone") {
  return "<message to='" + std::string{to} + "' type='chat' id='i'><body>" + std::string{body} + "</body></message>";
}

// Alice; and Bob, whose session can be resumed.
struct Pair : Site {
  explicit Pair(std::string_view options = {})
      : Site(options, {"mod_offline", "mod_carboncopy", "mod_privacy", "mod_blocking", "mod_roster", "mod_presence",
                       "mod_caps", "mod_csi"}) {
    alice = &server().online("alice");
    bob = &online("bob");
  }
  // Bob's session waits, with these in its queue.
  void bob_misses(std::initializer_list<std::string_view> bodies) {
    bob->loses_connection();
    for (const std::string_view body : bodies) alice->says(chat(body));
  }
  void befriend(TestClient& one, std::string_view one_name, TestClient& other, std::string_view other_name) {
    const auto to = [](std::string_view type, std::string_view whom) {
      return "<presence type='" + std::string{type} + "' to='" + std::string{whom} + "@localhost'/>";
    };
    one.says(to("subscribe", other_name));
    other.says(to("subscribed", one_name));
    other.says(to("subscribe", one_name));
    one.says(to("subscribed", other_name));
    for (TestClient* const client : {&one, &other}) client->heard();
  }
  // The server stops, and this happens before the records are in the store.
  template <class Happens>
  void while_records_are_written(Happens happens) {
    database.is_slow = true;
    tell_hosts_without_answers<HostCloses>();
    REQUIRE(database.waiting() > 0);
    happens();
    database.is_slow = false;
    settle();
  }
  std::uint64_t kept_offline() {
    return std::get<0>(row<std::tuple<std::uint64_t>>("SELECT COUNT(*) FROM offline_message"));
  }

  TestClient* alice;
  TestClient* bob;
};

}  // namespace meerkat
