// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/kept_sessions.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

namespace meerkat {
namespace {

const Jid bob = *Jid::parse("bob@localhost");
const Jid carol = *Jid::parse("carol@localhost");

KeptSession session(std::string id, std::string resource, std::vector<KeptStanza> queue = {}) {
  return {std::move(id), std::move(resource), 100, "<session/>", std::move(queue)};
}

struct Shelf {
  Shelf() {
    server.database.prepare(stream_management_schema());
    server.home_of(bob).worker.adopt_thread();
  }
  // What a task brings, when all are done.
  template <class T>
  T await(Task<T> task) {
    std::optional<T> result;
    server.home_of(bob).scope.spawn(put<T>(std::move(task), result));
    server.turn();
    REQUIRE(result);
    return std::move(*result);
  }
  void await(Task<> task) {
    bool done = false;
    server.home_of(bob).scope.spawn(mark(std::move(task), done));
    server.turn();
    REQUIRE(done);
  }
  template <class T>
  static Task<> put(Task<T> task, std::optional<T>& result) {
    result = co_await task;
  }
  static Task<> mark(Task<> task, bool& done) {
    co_await task;
    done = true;
  }

  TestServer server;
  const std::unique_ptr<KeptSessions> kept = make_kept_sessions(server.database);
};

}  // namespace

TEST_CASE("sessions are found by their account, with their queues in order") {
  Shelf shelf;
  shelf.await(shelf.kept->save(
      {{bob,
        {session(
             "one", "phone",
             {{.entry = 512, .form = Form::itself, .must_arrive = true, .packet = "<message xmlns='jabber:client'/>"},
              {.entry = 256, .form = Form::sent_copy, .taken = true, .packet = "<message>&amp;</message>"},
              {.entry = 768, .form = Form::received_copy, .given_back = true, .packet = "<iq/>"}}),
         session("two", "the 'desk' \xe2\x98\xba")}},
       {carol, {session("three", "phone")}}}));

  CHECK(shelf.await(shelf.kept->accounts_behind("localhost", "", 10)) == std::vector<std::string>{"bob", "carol"});
  CHECK(shelf.await(shelf.kept->accounts_behind("localhost", "bob", 10)) == std::vector<std::string>{"carol"});
  CHECK(shelf.await(shelf.kept->accounts_behind("localhost", "", 1)) == std::vector<std::string>{"bob"});
  CHECK(shelf.await(shelf.kept->accounts_behind("elsewhere", "", 10)).empty());

  const std::vector<KeptSession> found = shelf.await(shelf.kept->of(bob));
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == "one");
  CHECK(found[0].resource == "phone");
  CHECK(found[0].saved_at == 100);
  CHECK(found[0].record == "<session/>");
  REQUIRE(found[0].queue.size() == 3);
  CHECK(found[0].queue[0].entry == 512);
  CHECK(found[0].queue[0].must_arrive);
  CHECK_FALSE(found[0].queue[0].taken);
  CHECK(found[0].queue[1].entry == 256);
  CHECK(found[0].queue[1].form == Form::sent_copy);
  CHECK(found[0].queue[1].taken);
  CHECK(found[0].queue[1].packet == "<message>&amp;</message>");
  CHECK(found[0].queue[2].form == Form::received_copy);
  CHECK(found[0].queue[2].given_back);
  CHECK(found[1].id == "two");
  CHECK(found[1].resource == "the 'desk' \xe2\x98\xba");
  CHECK(found[1].queue.empty());
}

TEST_CASE("a session that is saved again has one record, with its new queue") {
  Shelf shelf;
  const auto stanza = [](EntryId entry) { return KeptStanza{.entry = entry, .packet = "<iq/>"}; };
  shelf.await(shelf.kept->save({{bob, {session("one", "phone", {stanza(1), stanza(2), stanza(3)})}}}));

  shelf.await(shelf.kept->save({{bob, {session("one", "phone", {stanza(4)})}}}));

  const std::vector<KeptSession> found = shelf.await(shelf.kept->of(bob));
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].queue.size() == 1);
  CHECK(found[0].queue[0].entry == 4);
}

TEST_CASE("a record that is forgotten takes its queue with it, and no other") {
  Shelf shelf;
  shelf.await(
      shelf.kept->save({{bob, {session("one", "phone", {{.entry = 1, .packet = "<iq/>"}}), session("two", "x")}}}));

  shelf.await(shelf.kept->forget_soon("one"));
  shelf.await(shelf.kept->settle());

  const std::vector<KeptSession> found = shelf.await(shelf.kept->of(bob));
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "two");
  constexpr sql::Query<std::tuple<std::uint64_t>> count{"count", "SELECT COUNT(*) FROM sm_session_queue"};
  CHECK(std::get<0>(*shelf.server.database.rows().one(count)) == 0);
}

TEST_CASE("nothing is left of an account that was removed") {
  Shelf shelf;
  shelf.await(shelf.kept->save({{bob, {session("one", "phone")}}, {carol, {session("two", "phone")}}}));
  shelf.await(shelf.kept->remember({"old", bob, 5, 100}));
  shelf.await(shelf.kept->remember({"older", carol, 5, 100}));

  shelf.await(shelf.kept->remove_all(bob));

  CHECK(shelf.await(shelf.kept->of(bob)).empty());
  CHECK(shelf.await(shelf.kept->of(carol)).size() == 1);
  CHECK_FALSE(shelf.await(shelf.kept->ended("old", bob)));
  CHECK(shelf.await(shelf.kept->ended("older", carol)));
}

TEST_CASE("what a session had taken is told to its account alone, until it is too old or there is too much") {
  Shelf shelf;
  shelf.await(shelf.kept->remember({"a", bob, 4'294'967'295, 100}));
  shelf.await(shelf.kept->remember({"b", bob, 0, 200}));
  shelf.await(shelf.kept->remember({"c", bob, 7, 300}));
  CHECK(shelf.await(shelf.kept->ended("a", bob))->handled == 4'294'967'295);
  CHECK_FALSE(shelf.await(shelf.kept->ended("a", carol)));
  CHECK_FALSE(shelf.await(shelf.kept->ended("z", bob)));

  shelf.await(shelf.kept->collect("localhost", 100, 10));
  CHECK_FALSE(shelf.await(shelf.kept->ended("a", bob)));
  CHECK(shelf.await(shelf.kept->ended("b", bob))->stamp == 200);

  shelf.await(shelf.kept->collect("localhost", 0, 1));
  CHECK_FALSE(shelf.await(shelf.kept->ended("b", bob)));
  CHECK(shelf.await(shelf.kept->ended("c", bob))->handled == 7);
}

}  // namespace meerkat
