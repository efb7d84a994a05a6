// SPDX-License-Identifier: Apache-2.0
// [shaper]: clients are read as fast as their shaper allows, and nothing they say is lost.
#include <doctest/doctest.h>

#include "streams/test_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

C2sOptions shaped_by(std::string name) {
  C2sOptions options = StreamServer::without_tls();
  options.shaper = std::move(name);
  return options;
}

struct Scene {
  explicit Scene(const ShaperTable& table, std::string listener_names = "normal")
      : server(1, shaped_by(std::move(listener_names))) {
    change(table);
  }
  void change(const ShaperTable& table) {
    for (const auto& hall : server.halls) hall->shapers.table = std::make_shared<const ShaperTable>(table);
  }
  void rules(AccessClauses clauses) {
    const auto rules = std::make_shared<const AccessRules>(AccessTables{.acl = {}, .access = std::move(clauses)});
    server.on_all_hosts([&](HostType& host) { host.access = rules; });
  }
  StreamServer server;
};

// A message of exactly 100 bytes.
std::string message(int number, std::string_view to = "bob@localhost/phone") {
  std::string text = "<message to='" + std::string{to} + "' id='" + std::to_string(100000 + number) + "'><body>";
  text += std::string(100 - text.size() - std::string_view{"</body></message>"}.size(), 'x');
  return text + "</body></message>";
}
std::string messages(int first, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += message(first + i);
  return all;
}
// How many messages bob has got, which must be the next in order.
int count_in_order(StreamClient& bob, int first) {
  const std::string heard = bob.heard();
  int count = 0;
  for (std::size_t at = 0; (at = heard.find("id='", at)) != std::string::npos; ++at, ++count)
    CHECK(heard.substr(at + 4, 6) == std::to_string(100000 + first + count));
  return count;
}

}  // namespace

TEST_CASE("a client that sends ten times its rate is read at its rate, and loses nothing") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}};
  StreamClient alice{scene.server}, bob{scene.server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  scene.server.passes(1s);

  alice.says(messages(0, 100));

  int got = count_in_order(bob, 0);
  CHECK(got >= 9);
  CHECK(got <= 11);
  for (int second = 1; second <= 9; ++second) {
    for (int step = 0; step < 10; ++step) scene.server.passes(100ms);
    got += count_in_order(bob, got);
    CHECK(got >= 10 * second + 7);
    CHECK(got <= 10 * second + 11);
  }
  for (int step = 0; step < 10; ++step) scene.server.passes(100ms);
  CHECK(got + count_in_order(bob, got) == 100);
}

TEST_CASE("others are served while a client waits for its share") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}};
  StreamClient alice{scene.server}, bob{scene.server}, carol{scene.server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  carol.logs_in("carol");
  scene.server.passes(1s);
  alice.says(messages(0, 50));
  bob.heard();

  carol.says(message(7));

  CHECK(bob.hears("id='100007'"));
}

TEST_CASE("who stays below the rate is never held up") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}};
  StreamClient alice{scene.server}, bob{scene.server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  scene.server.passes(1s);

  for (int i = 0; i < 50; ++i) {
    alice.says(message(i));
    CHECK(count_in_order(bob, i) == 1);
    scene.server.passes(150ms);
  }
}

TEST_CASE("the connections of an account share its rate") {
  Scene scene{{{"normal", {.max_rate = 100'000, .per_account_rate = 1000}}}};
  StreamClient phone{scene.server}, laptop{scene.server}, bob{scene.server};
  phone.logs_in("alice", "phone");
  laptop.logs_in("alice", "laptop");
  bob.logs_in("bob");
  scene.server.passes(1s);

  phone.says(messages(0, 10));
  laptop.says(messages(10, 10));
  const int at_once = count_in_order(bob, 0);

  CHECK(at_once >= 9);
  CHECK(at_once <= 12);
  for (int step = 0; step < 20; ++step) scene.server.passes(100ms);
  CHECK(at_once + count_in_order(bob, at_once) == 20);
}

TEST_CASE("a rule may say which shaper is whose, and that there is none") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}, "c2s_shaper"};
  AccessTables tables{.acl = {}, .access = {{"c2s_shaper", {{"admin", "none"}, {"all", "normal"}}}}};
  tables.acl["admin"].emplace_back().user.emplace("admin");
  const auto rules = std::make_shared<const AccessRules>(tables);
  scene.server.on_all_hosts([&](HostType& host) { host.access = rules; });
  StreamClient admin{scene.server}, alice{scene.server}, bob{scene.server};
  admin.logs_in("admin");
  alice.logs_in("alice");
  bob.logs_in("bob");
  scene.server.passes(1s);

  alice.says(messages(0, 50));
  CHECK(count_in_order(bob, 0) <= 11);
  admin.says(messages(0, 50));
  CHECK(count_in_order(bob, 0) == 50);
}

TEST_CASE("a changed rate holds at once for those who are here") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}};
  StreamClient alice{scene.server}, bob{scene.server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  scene.server.passes(1s);
  scene.change({{"normal", {.max_rate = 100'000, .per_account_rate = {}}}});

  alice.says(messages(0, 50));
  scene.server.passes(1s);

  CHECK(count_in_order(bob, 0) == 50);
}

TEST_CASE("a stanza larger than a second's share arrives whole") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}};
  StreamClient alice{scene.server}, bob{scene.server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  scene.server.passes(1s);

  alice.says("<message to='bob@localhost/phone' id='large'><body>" + std::string(5000, 'x') + "</body></message>");
  CHECK(bob.heard().empty());
  for (int step = 0; step < 50; ++step) scene.server.passes(100ms);

  CHECK(contains(bob.heard(), std::string(5000, 'x')));
}

TEST_CASE("who leaves or is ended while nothing is read is gone at once") {
  Scene scene{{{"normal", {.max_rate = 1000, .per_account_rate = {}}}}};
  StreamClient alice{scene.server}, bob{scene.server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  scene.server.passes(1s);
  alice.says(messages(0, 50));

  alice.hangs_up();
  scene.server.passes(10s);

  CHECK(scene.server.sessions() == 1);
  bob.says(messages(0, 50));
  scene.server.shut_down();
  CHECK(bob.hears("<system-shutdown "));
}
