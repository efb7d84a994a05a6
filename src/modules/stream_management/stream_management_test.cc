// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/stream_management.h"

#include <doctest/doctest.h>

#include "core/events/host_events.h"
#include "core/events/stream_events.h"
#include "core/test_hall.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

const Jid bob_address = *Jid::parse("bob@localhost");
constexpr std::string_view stale = "[stale_h]\nenabled = true\n";
constexpr std::string_view id = "id-of-bob@localhost/phone";

struct House {
  explicit House(std::string_view options = {}) { REQUIRE(server.start(stream_management_module(), options).empty()); }

  HostType& host() { return TestServer::host(server.home_of(bob_address)); }
  // A session of Bob's that has taken so many stanzas, and ended.
  void bob_was_here(int handled) {
    TestClient& bob = server.login("bob");
    bob.enables_management(*host().stream_management);
    for (int i = 0; i < handled; ++i) bob.session->management->handles_one();
    bob.disconnects();
  }
  // What somebody is told who wants to resume it.
  std::optional<std::uint32_t> told(std::string_view user = "bob@localhost", std::string_view which = id) {
    std::optional<std::uint32_t> handled;
    server.home_of(bob_address).worker.adopt_thread();
    host().hall.scope.spawn(ask(host(), *Jid::parse(user), std::string{which}, handled));
    server.turn();
    return handled;
  }
  static Task<> ask(HostType& host, Jid user, std::string which, std::optional<std::uint32_t>& handled) {
    ResumptionFails event{host, user, which, std::nullopt};
    [[maybe_unused]] const Verdict verdict = co_await host.run(event);
    handled = event.handled;
  }
  static Task<> close(HostType& host) {
    HostCloses event{host};
    [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  }
  std::uint64_t rows() {
    constexpr sql::Query<std::tuple<std::uint64_t>> count{"count", "SELECT COUNT(*) FROM stream_mgmt_stale_h"};
    return std::get<0>(*server.database.rows().one(count));
  }

  TestServer server;
};

std::string features(HostType& host, bool authenticated) {
  std::string text;
  StreamFeatures event{host, authenticated, text};
  CHECK(host.run(event).at_hand());
  return text;
}

}  // namespace

TEST_CASE("it is announced before and after login, and no more when the module is stopped") {
  House house;
  HostType& host = house.host();
  CHECK(features(host, false) == "<sm xmlns='urn:xmpp:sm:3'/>");
  CHECK(features(host, true) == "<sm xmlns='urn:xmpp:sm:3'/>");
  CHECK(host.stream_management != nullptr);

  host.stop_module("mod_stream_management");
  house.server.turn();

  CHECK(features(host, true).empty());
  CHECK(host.stream_management == nullptr);
}

TEST_CASE("clients are offered what the configuration says") {
  House usual;
  const StreamManagementOptions& by_default = *usual.host().stream_management;
  CHECK(by_default.buffer);
  CHECK(by_default.buffer_max == config::Limit<std::uint64_t>{100});
  CHECK(by_default.ack);
  CHECK(by_default.ack_freq == 1);
  CHECK(by_default.resume_timeout == 600s);

  House house{
      "backend = \"cets\"\nbuffer = false\nbuffer_max = \"infinity\"\nack = false\nack_freq = 3\nresume_timeout = 5"};
  const StreamManagementOptions& options = *house.host().stream_management;
  CHECK_FALSE(options.buffer);
  CHECK(options.buffer_max.is_infinite());
  CHECK_FALSE(options.ack);
  CHECK(options.ack_freq == 3);
  CHECK(options.resume_timeout == 5s);
}

TEST_CASE("options that make no sense are refused, and older spellings are understood") {
  for (const std::string_view wrong : {"buffer_max = 0", "ack_freq = 0", "resume_timeout = 0", "backend = \"paper\"",
                                       "[stale_h]\nrepeat_after = 0", "[stale_h]\ngeriatric = 0", "unknown = 1"}) {
    TestServer server;
    CHECK_MESSAGE(server.start(stream_management_module(), wrong) != "", wrong);
  }
  TestServer server;
  CHECK(contains(server.start(stream_management_module(),
                              "[stale_h]\nenabled = true\nstale_h_repeat_after = 60\nstale_h_geriatric = 60"),
                 "stale_h_repeat_after"));
  CHECK(TestServer::host(*server.halls[0]).stream_management != nullptr);
}

TEST_CASE("who comes too late learns how much had been taken from it, and nobody else does") {
  House house{stale};
  house.bob_was_here(7);

  CHECK(house.told() == 7);
  CHECK_FALSE(house.told("carol@localhost"));
  CHECK_FALSE(house.told("bob@localhost", "another"));
}

TEST_CASE("what a session had taken that ends while the others are being kept is remembered as well") {
  House house{stale};
  TestClient& bob = house.server.login("bob");
  bob.enables_management(*house.host().stream_management);
  for (int i = 0; i < 7; ++i) bob.session->management->handles_one();

  house.server.home_of(bob_address).worker.adopt_thread();
  house.host().hall.scope.spawn(House::close(house.host()));
  house.server.turn();
  bob.disconnects();

  CHECK(house.told() == 7);
}

TEST_CASE("nothing is remembered of sessions that ended, unless the operator wishes it") {
  House house;
  house.bob_was_here(7);
  CHECK_FALSE(house.told());
  CHECK(house.rows() == 0);
}

TEST_CASE("nor of those without an id, and of those that cannot be resumed") {
  House house{stale};
  house.server.login("bob").disconnects();
  CHECK(house.rows() == 0);
}

TEST_CASE("what a session had taken is forgotten when it is too old, and its row goes") {
  House house{"[stale_h]\nenabled = true\nrepeat_after = 1000\ngeriatric = 300\n"};
  house.bob_was_here(7);
  house.server.passes(299s);
  CHECK(house.told() == 7);

  house.server.passes(2s);
  CHECK_FALSE(house.told());
  CHECK(house.rows() == 1);

  house.server.passes(700s);
  CHECK(house.rows() == 0);
  house.bob_was_here(3);
  house.server.passes(1001s);
  CHECK(house.rows() == 0);
}

TEST_CASE("a database that is away costs what it had to say, and nothing else") {
  House house{stale};
  house.server.database.broken = true;
  house.bob_was_here(7);
  CHECK_FALSE(house.told());

  house.server.database.broken = false;
  house.bob_was_here(9);
  CHECK(house.told() == 9);
}

}  // namespace meerkat
