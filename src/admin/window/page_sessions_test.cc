// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "admin/window/page_sessions.h"

using namespace meerkat;
using namespace meerkat::admin;
using namespace std::chrono_literals;

TEST_CASE("a session of the page is found by its id and fits its token only") {
  TurnableClock clock;
  PageSessions sessions{clock, 30min, 12h};

  const PageTicket one = sessions.open("one");
  const PageTicket other = sessions.open("other");

  const PageSessions::Session* const found = sessions.find(one.id);
  REQUIRE(found != nullptr);
  CHECK(found->who == "one");
  CHECK(PageSessions::fits(*found, one.token));
  CHECK_FALSE(PageSessions::fits(*found, other.token));
  CHECK_FALSE(PageSessions::fits(*found, ""));
  CHECK_FALSE(PageSessions::fits(*found, one.id));
  CHECK(sessions.find(one.token) == nullptr);
  CHECK(sessions.find("") == nullptr);
}

TEST_CASE("ids and tokens of the page have 256 bits and are never the same") {
  TurnableClock clock;
  PageSessions sessions{clock, 30min, 12h};

  const PageTicket one = sessions.open("one");
  const PageTicket other = sessions.open("one");

  CHECK(one.id.size() * 5 >= 256);
  CHECK(one.token.size() * 5 >= 256);
  CHECK(one.id != other.id);
  CHECK(one.id != one.token);
}

TEST_CASE("a session of the page ends when nobody uses it, after its lifetime, and when one logs out") {
  TurnableClock clock;
  PageSessions sessions{clock, 30min, 2h};
  const PageTicket idle = sessions.open("idle");
  const PageTicket busy = sessions.open("busy");
  const PageTicket left = sessions.open("left");

  sessions.end(left.id);
  clock.advance(29min);
  CHECK(sessions.find(busy.id) != nullptr);
  clock.advance(2min);

  CHECK(sessions.find(left.id) == nullptr);
  CHECK(sessions.find(idle.id) == nullptr);
  for (int i = 0; i < 4; ++i) {
    CHECK(sessions.find(busy.id) != nullptr);
    clock.advance(20min);
  }
  clock.advance(10min);
  CHECK(sessions.find(busy.id) == nullptr);
  CHECK(sessions.size() == 0);
}

TEST_CASE("there are so many sessions of the page and no more, and the one that was idle the longest makes room") {
  TurnableClock clock;
  PageSessions sessions{clock, 30min, 12h};
  const PageTicket first = sessions.open("first");
  clock.advance(1s);
  const PageTicket second = sessions.open("second");
  clock.advance(1s);
  sessions.find(first.id);

  for (std::size_t i = 0; i < PageSessions::most_sessions - 1; ++i) {
    clock.advance(1s);
    sessions.open("more");
  }

  CHECK(sessions.size() == PageSessions::most_sessions);
  CHECK(sessions.find(first.id) != nullptr);
  CHECK(sessions.find(second.id) == nullptr);
}

TEST_CASE("a link to the page is good once, and for a minute") {
  TurnableClock clock;
  PageSessions sessions{clock, 30min, 12h};
  const std::string used = sessions.make_link();
  const std::string late = sessions.make_link();

  CHECK(sessions.use_link(used));
  CHECK_FALSE(sessions.use_link(used));
  CHECK_FALSE(sessions.use_link("guess"));
  CHECK_FALSE(sessions.use_link(""));
  clock.advance(60s);
  CHECK_FALSE(sessions.use_link(late));
}

TEST_CASE("links to the page that nobody uses make room for others") {
  TurnableClock clock;
  PageSessions sessions{clock, 30min, 12h};
  const std::string first = sessions.make_link();
  std::string last;

  for (std::size_t i = 0; i < PageSessions::most_links; ++i) last = sessions.make_link();

  CHECK_FALSE(sessions.use_link(first));
  CHECK(sessions.use_link(last));
}
