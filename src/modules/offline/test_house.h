// SPDX-License-Identifier: Apache-2.0
// Test support: a server with offline messages, where bob has an account and alice writes to him.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/events/account_events.h"
#include "core/test_hall.h"
#include "modules/offline/offline.h"

namespace meerkat::offline_test {

// The bodies of what was heard, in order: "<message …><body>one</body>…" is "one".
inline std::vector<std::string> bodies(std::string_view heard) {
  constexpr std::string_view open = "<body>";
  std::vector<std::string> found;
  for (std::size_t at = heard.find(open); at != heard.npos; at = heard.find(open, at)) {
    at += open.size();
    found.emplace_back(heard.substr(at, heard.find('<', at) - at));
  }
  return found;
}

using Bodies = std::vector<std::string>;

// `numbers(3)` is m1, m2, m3; `numbers(2, 3)` is m2, m3.
inline Bodies numbers(int first, int last) {
  Bodies all;
  for (int i = first; i <= last; ++i) all.push_back("m" + std::to_string(i));
  return all;
}
inline Bodies numbers(int last) { return numbers(1, last); }

inline std::string chat(std::string_view body, std::string_view to = "bob@localhost", std::string_view extra = {}) {
  std::string text = "<message id='i' type='chat' to='" + std::string{to} + "'><body>";
  return text.append(body).append("</body>").append(extra).append("</message>");
}

constexpr sql::Query<std::tuple<std::uint64_t>> count_rows{"count_rows", "SELECT COUNT(*) FROM offline_message"};

// With `max_user_offline_messages` of the access rules when `most` is given.
struct House {
  TestServer server;
  TestClient* alice = nullptr;

  explicit House(std::string_view options = {}, std::optional<std::int64_t> most = {}) {
    REQUIRE(server.start(offline_module(), options).empty());
    if (most) {
      AccessTables tables;
      tables.access["max_user_offline_messages"] = {{.acl = "all", .value = *most}};
      const auto rules = std::make_shared<const AccessRules>(std::move(tables));
      server.on_all_hosts([&](HostType& host) { host.access = rules; });
    }
    has_account("bob");
    alice = &server.online("alice");
  }

  void has_account(std::string_view name) { server.accounts.passwords.emplace(std::string{name} + "@localhost", "x"); }
  // m1, m2, …
  void writes(int first, int last) {
    for (const std::string& body : numbers(first, last)) alice->says(chat(body));
  }
  std::uint64_t rows() { return std::get<0>(*server.database.rows().one(count_rows)); }
  // All that the database was asked for, and what follows from it.
  void database_answers() {
    do {
      server.database.answer_all();
      server.turn();
    } while (server.database.waiting() > 0);
  }
};

}  // namespace meerkat::offline_test
