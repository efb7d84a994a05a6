// SPDX-License-Identifier: Apache-2.0
// What strangers may take until they have logged in: time, bytes, places, guesses.
#include <doctest/doctest.h>

#include "streams/test_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

struct Scene {
  explicit Scene(const LimitsSettings& settings = {}, const C2sOptions& options = StreamServer::without_tls(),
                 std::size_t workers = 1)
      : limits(settings, 100'000, config::infinity), server(workers, options) {
    for (const auto& hall : server.halls) hall->limits = &limits;
  }
  std::uint64_t times(Refusal why) const { return limits.refusals.times(why); }

  Limits limits;
  StreamServer server;
};

constexpr std::string_view unknown_mechanism = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'/>";

}  // namespace

TEST_CASE("all steps until the login together have their time") {
  Scene scene{{.login_time = 10s}};
  StreamClient busy{scene.server};
  busy.says(stream_header);

  for (int i = 0; i < 3; ++i) {
    scene.server.passes(3s);
    busy.says(unknown_mechanism);
    CHECK(busy.hears("<invalid-mechanism"));
  }
  scene.server.passes(1100ms);

  CHECK(busy.hears("<connection-timeout"));
  CHECK(scene.times(Refusal::login_time) == 1);
}

TEST_CASE("who has logged in is not hurried any more") {
  Scene scene{{.login_time = 3s}};
  StreamClient alice{scene.server};
  alice.logs_in("alice");

  scene.server.passes(1h);

  CHECK(!alice.is_at_end());
}

TEST_CASE("spaces before the login are bytes, and there may be so many") {
  Scene scene{{.login_bytes = config::Bytes{5000}}};
  StreamClient flood{scene.server};
  flood.says(stream_header);

  for (int i = 0; i < 6; ++i) flood.says_if_there_is_room(std::string(1000, ' '));

  CHECK(flood.hears("too many bytes before login"));
  CHECK(scene.times(Refusal::login_bytes) == 1);
}

TEST_CASE("the oldest stranger makes room for a newer one, users stay") {
  Scene scene{{.unauthenticated = 2u}};
  StreamClient alice{scene.server};
  alice.logs_in("alice");
  StreamClient first{scene.server};
  StreamClient second{scene.server};
  StreamClient third{scene.server};

  CHECK(first.is_at_end());
  CHECK(!second.is_at_end());
  CHECK(!third.is_at_end());
  CHECK(!alice.is_at_end());
  CHECK(scene.times(Refusal::unauthenticated) == 1);
}

TEST_CASE("strangers of one worker make room for those who come to another that has less than its share") {
  Scene scene{{.unauthenticated = 4u}, StreamServer::without_tls(), 3};
  StreamClient first{scene.server, 0};
  StreamClient second{scene.server, 0};
  StreamClient third{scene.server, 0};
  StreamClient fourth{scene.server, 0};

  StreamClient newcomer{scene.server, 1};
  StreamClient another{scene.server, 2};

  CHECK(first.is_at_end());
  CHECK(second.is_at_end());
  CHECK(!third.is_at_end());
  CHECK(!fourth.is_at_end());
  newcomer.says(stream_header);
  CHECK(newcomer.hears("<stream:features"));
  another.says(stream_header);
  CHECK(another.hears("<stream:features"));
  CHECK(scene.times(Refusal::unauthenticated) == 2);
}

TEST_CASE("of strangers who hold much there are few") {
  Scene scene{{.unauthenticated_memory = config::Bytes{100'000}}};
  StreamClient first{scene.server};
  first.says(std::string{stream_header} + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + std::string(5000, 'A'));
  StreamClient light{scene.server};

  std::vector<std::unique_ptr<StreamClient>> others;
  for (int i = 0; i < 16; ++i) {
    others.push_back(std::make_unique<StreamClient>(scene.server));
    others.back()->says("<auth " + std::string(5000, ' '));
  }

  CHECK(first.is_at_end());
  CHECK(!light.is_at_end());
  CHECK(!others.back()->is_at_end());
  CHECK(scene.times(Refusal::unauthenticated_memory) >= 1);
}

TEST_CASE("when strangers who hold little hold too much together, the oldest of them goes") {
  Scene scene{{.unauthenticated_memory = config::Bytes{20'000}}};
  StreamClient alice{scene.server};
  alice.logs_in("alice");
  StreamClient first{scene.server};
  StreamClient heavy{scene.server};
  heavy.says("<auth " + std::string(5000, ' '));

  std::vector<std::unique_ptr<StreamClient>> others;
  for (int i = 0; i < 15; ++i) others.push_back(std::make_unique<StreamClient>(scene.server));

  CHECK(first.is_at_end());
  CHECK(!heavy.is_at_end());
  CHECK(!others.back()->is_at_end());
  CHECK(!alice.is_at_end());
  CHECK(scene.times(Refusal::unauthenticated_memory) >= 1);
}

TEST_CASE("a stranger who is alone is not sent away for what he holds") {
  Scene scene{{.unauthenticated_memory = config::Bytes{1000}}};
  StreamClient alone{scene.server};

  alone.says("<auth " + std::string(5000, ' '));

  CHECK(!alone.is_at_end());
}

TEST_CASE("strangers who went while their password was looked up take nobody's place") {
  Scene scene{{.unauthenticated_memory = config::Bytes{20'000}}};
  scene.server.add_account("alice");
  Gate gate;
  scene.server.accounts.gate = &gate;
  std::vector<std::unique_ptr<StreamClient>> guessing;
  for (int i = 0; i < 12; ++i) {
    guessing.push_back(std::make_unique<StreamClient>(scene.server));
    guessing.back()->says(std::string{stream_header} + plain_auth("alice", "wrong"));
  }
  CHECK(guessing.front()->is_at_end());

  guessing.clear();
  StreamClient first{scene.server};
  StreamClient second{scene.server};

  CHECK(!first.is_at_end());
  CHECK(!second.is_at_end());
  gate.open();
}

TEST_CASE("guesses wait longer and longer for their answer, and then get none") {
  Scene scene{{.failed_logins_per_account_and_address = 4u}};
  scene.server.add_account("alice");
  StreamClient thief{scene.server};
  thief.says(stream_header);
  for (int i = 0; i < 3; ++i) {
    thief.says(plain_auth("alice", "wrong"));
    CHECK(thief.hears("<not-authorized"));
  }

  thief.says(plain_auth("alice", "wrong"));
  CHECK(!thief.hears("<failure"));
  scene.server.passes(1100ms);
  CHECK(thief.hears("<not-authorized"));

  StreamClient again{scene.server};
  again.says(std::string{stream_header} + plain_auth("alice"));
  CHECK(again.hears("<temporary-auth-failure/><text xml:lang='en'>Too many logins have failed; try again in "));
  CHECK(scene.times(Refusal::login_account) == 1);
  CHECK(scene.times(Refusal::login_delayed) == 1);

  scene.server.passes(151s);
  StreamClient alice{scene.server};
  alice.says(std::string{stream_header} + plain_auth("alice"));
  scene.server.passes(1100ms);
  CHECK(alice.hears("<success"));
}

TEST_CASE("guesses count while a method of the accounts is away, too") {
  Scene scene{{.failed_logins_per_account_and_address = 4u}};
  scene.server.add_account("alice");
  scene.server.accounts.one_is_away = true;
  for (int i = 0; i < 4; ++i) {
    StreamClient thief{scene.server};
    thief.says(std::string{stream_header} + plain_auth("alice", "wrong"));
    scene.server.passes(1100ms);
    CHECK(thief.hears("<temporary-auth-failure/></failure>"));
  }
  StreamClient again{scene.server};
  again.says(std::string{stream_header} + plain_auth("alice"));
  CHECK(again.hears("<temporary-auth-failure/><text xml:lang='en'>Too many logins have failed"));
  CHECK(scene.times(Refusal::login_account) == 1);
}

TEST_CASE("who hangs up while he waits for his answer is gone") {
  Scene scene{{.failed_logins_per_account_and_address = 2u}};
  StreamClient thief{scene.server};
  thief.says(stream_header);
  for (int i = 0; i < 2; ++i) thief.says(plain_auth("alice", "wrong"));

  thief.hangs_up();
  scene.server.passes(3s);

  CHECK(scene.server.streams() == 0);
}

TEST_CASE("beyond so many logins at once newcomers are told to come back") {
  Scene scene{{.logins_in_progress = 1u}};
  scene.server.add_account("alice");
  Gate gate;
  scene.server.accounts.gate = &gate;
  StreamClient slow{scene.server};
  slow.says(std::string{stream_header} + plain_auth("alice"));
  StreamClient late{scene.server};

  late.says(std::string{stream_header} + plain_auth("alice"));

  CHECK(late.hears("<temporary-auth-failure/><text xml:lang='en'>Too many log in at the moment; try again in "));
  CHECK(scene.times(Refusal::logins_busy) == 1);
  scene.server.workers[0].adopt_thread();
  gate.open();
  scene.server.turn();
  CHECK(slow.hears("<success"));
}

TEST_CASE("while memory is short, newcomers are turned away and users stay") {
  Scene scene{{.memory = config::Limit<config::Bytes>{config::Bytes{100u << 20}}}};
  StreamClient alice{scene.server};
  alice.logs_in("alice");
  StreamClient early{scene.server};
  early.says(stream_header);
  early.heard();

  scene.limits.memory.measured(95u << 20);

  early.says(plain_auth("alice"));
  CHECK(early.hears("<resource-constraint"));
  StreamClient late{scene.server};
  CHECK(late.hears("<resource-constraint"));
  CHECK(late.is_at_end());
  CHECK(!alice.is_at_end());
  CHECK(scene.times(Refusal::memory) == 2);

  scene.limits.memory.measured(10u << 20);
  StreamClient again{scene.server};
  again.says(stream_header);
  CHECK(again.hears("<stream:features>"));
}
