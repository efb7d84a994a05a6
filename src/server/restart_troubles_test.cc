// SPDX-License-Identifier: Apache-2.0
// What may happen beside a restart: records that are written twice, boxes that are forgotten, options that change.
#include "core/events/host_events.h"
#include "server/all_modules.h"
#include "server/test_pair.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

ModuleEntry managed_entry() {
  std::vector<ModuleEntry> all = all_modules();
  return *std::ranges::find_if(all, [](const ModuleEntry& each) { return each.name == "mod_stream_management"; });
}

}  // namespace

TEST_CASE("a message that two devices hold is not lost when the record of one is written once more") {
  Pair pair;
  TestClient& desk = pair.online("bob", "desk");
  desk.says(carbons_on);
  desk.loses_connection();
  pair.bob_misses({"m1"});
  pair.while_records_are_written([&] { pair.alice->says("<presence to='bob@localhost/desk'/>"); });
  pair.restarts();
  CHECK(pair.queue_of("bob@localhost/phone").back() == "m1");
  CHECK(pair.records() == 2);
  pair.server().passes(601s);
  pair.settle();
  CHECK(pair.kept_offline() == 1);
}

TEST_CASE("an account whose reader is away is not forgotten among many") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.closes();
  pair.alice->says(chat("m2"));
  CHECK(pair.kept_offline() == 1);
  pair.restarts();
  TestClient& alice = pair.server().online("alice");
  for (int i = 0; i < 2600; ++i) {
    const std::string name = "u" + std::to_string(i) + "@localhost";
    pair.server().accounts.passwords.emplace(name, "secret");
    alice.says(chat("x", name));
  }
  pair.settle();
  alice.says(chat("m3"));
  CHECK(pair.kept_offline() == 2602);
}

TEST_CASE("a changed option does not turn it off") {
  static const ModuleEntry entry = managed_entry();
  Pair pair;
  for (const auto& hall : pair.server().halls) {
    hall->worker.adopt_thread();
    TestServer::host(*hall).stop_module("mod_stream_management");
  }
  CHECK(pair.server().start(entry, "ack_freq = 2").empty());
  pair.server().turn();
  for (const auto& hall : pair.server().halls) {
    REQUIRE(TestServer::host(*hall).stream_management);
    CHECK(TestServer::host(*hall).stream_management->ack_freq == 2);
  }
}

}  // namespace meerkat
