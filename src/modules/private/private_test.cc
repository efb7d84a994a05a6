// SPDX-License-Identifier: Apache-2.0
#include "modules/private/private.h"

#include <doctest/doctest.h>

#include "core/events/account_events.h"
#include "core/test_hall.h"

using namespace meerkat;

namespace {

struct Scene {
  explicit Scene(std::string_view options = {}) {
    REQUIRE(server.start(private_module(), options) == "");
    alice = &server.login("alice");
  }
  std::string asks(TestClient& who, std::string_view type, std::string_view content, std::string_view to = {}) {
    std::string text = "<iq type='" + std::string{type} + "' id='1'";
    if (!to.empty()) text += " to='" + std::string{to} + "'";
    who.says(text + "><query xmlns='jabber:iq:private'>" + std::string{content} + "</query></iq>");
    return who.heard();
  }
  std::string set(std::string_view content) { return asks(*alice, "set", content); }
  std::string get(std::string_view content) { return asks(*alice, "get", content); }

  TestServer server;
  TestClient* alice = nullptr;
};

}  // namespace

TEST_CASE("what a client keeps is there for all clients of its account") {
  Scene scene;
  CHECK(contains(scene.set("<exodus xmlns='exodus:prefs'><nick>Hamlet &amp; Co</nick></exodus>"), "type='result'"));

  const std::string heard = scene.asks(scene.server.login("alice", "laptop"), "get", "<exodus xmlns='exodus:prefs'/>");

  CHECK(contains(heard,
                 "<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'><nick>Hamlet &amp; Co</nick></exodus>"
                 "</query>"));
}

TEST_CASE("what was never kept is empty, as it was asked for") {
  Scene scene;

  CHECK(contains(scene.get("<storage xmlns='storage:bookmarks'/>"),
                 "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>"));
}

TEST_CASE("each namespace is kept by itself, and the latest takes the place of what was there") {
  Scene scene;
  scene.set("<a xmlns='urn:one'>1</a><b xmlns='urn:one'>2</b><c xmlns='urn:two'>3</c>");
  scene.set("<c xmlns='urn:two'>4</c>");

  CHECK(contains(scene.get("<a xmlns='urn:one'/>"), "<a xmlns='urn:one'>1</a><b xmlns='urn:one'>2</b>"));
  CHECK(contains(scene.get("<c xmlns='urn:two'/>"), ">4<"));
}

TEST_CASE("prefixes that were declared further out do not get lost") {
  Scene scene;
  scene.alice->says(
      "<iq xmlns:x='urn:one' type='set' id='1'><query xmlns='jabber:iq:private'><x:a "
      "x:of='b'><x:c/></x:a></query></iq>");
  CHECK(scene.alice->hears("type='result'"));

  const std::string heard = scene.get("<a xmlns='urn:one'/>");

  CHECK(contains(heard, "<a xmlns='urn:one'"));
  CHECK(contains(heard, "<c/>"));
}

TEST_CASE("nobody sees or changes what others keep, nor learns whether there is such an account") {
  Scene scene;
  scene.set("<a xmlns='urn:one'>secret</a>");
  TestClient& eve = scene.server.login("eve");

  for (const std::string_view type : {"get", "set"}) {
    const std::string of_alice = scene.asks(eve, type, "<a xmlns='urn:one'/>", "alice@localhost");
    std::string of_nobody = scene.asks(eve, type, "<a xmlns='urn:one'/>", "nobody@localhost");
    CHECK(contains(of_alice, "<forbidden"));
    CHECK(!contains(of_alice, "secret"));
    of_nobody.replace(of_nobody.find("nobody"), 6, "alice");
    CHECK(of_alice == of_nobody);
  }
  CHECK(contains(scene.get("<a xmlns='urn:one'/>"), "secret"));
}

TEST_CASE("questions and wishes without a namespace of their own are refused") {
  Scene scene;

  CHECK(contains(scene.set(""), "<not-acceptable"));
  CHECK(contains(scene.set("<a/>"), "<not-acceptable"));
  CHECK(contains(scene.set("<a xmlns=''/>"), "<not-acceptable"));
  CHECK(contains(scene.set("<a xmlns='urn:" + std::string(250, 'x') + "'/>"), "<not-acceptable"));
  CHECK(contains(scene.get(""), "<bad-request"));
  CHECK(contains(scene.get("<a xmlns='urn:one'/><b xmlns='urn:two'/>"), "<bad-request"));
  CHECK(contains(scene.get("<a/>"), "<not-acceptable"));
}

TEST_CASE("a user keeps no more than there is room for, and what was there stays") {
  Scene scene{"max_namespaces = 2\nmax_size = 1024"};
  scene.set("<a xmlns='urn:one'>1</a>");
  scene.set("<a xmlns='urn:two'>2</a>");

  CHECK(contains(scene.set("<a xmlns='urn:three'>3</a>"), "<resource-constraint"));
  CHECK(contains(scene.set("<a xmlns='urn:one'>" + std::string(1000, 'x') + "</a>"), "<resource-constraint"));

  CHECK(contains(scene.get("<a xmlns='urn:one'/>"), ">1<"));
  CHECK(contains(scene.get("<a xmlns='urn:three'/>"), "<a xmlns='urn:three'/>"));
  CHECK(contains(scene.set("<a xmlns='urn:one'>11</a>"), "type='result'"));
}

TEST_CASE("what a removed account kept is gone") {
  Scene scene;
  scene.set("<a xmlns='urn:one'>1</a>");
  Hall& home = scene.server.home_of(scene.alice->session->jid);
  home.worker.adopt_thread();

  const Jid user = scene.alice->session->jid.bare();
  home.fire(AccountRemoved{TestServer::host(home), user});
  scene.server.turn();

  CHECK(contains(scene.get("<a xmlns='urn:one'/>"), "<a xmlns='urn:one'/>"));
}

TEST_CASE("kept text that is no XML any more harms nobody") {
  Scene scene;
  scene.set("<a xmlns='urn:one'>1</a>");
  constexpr sql::Statement<> spoil{"spoil", "UPDATE private_storage SET data = '<a><b>'"};
  scene.server.database.rows().execute(spoil);

  CHECK(contains(scene.get("<a xmlns='urn:one'/>"), "<a xmlns='urn:one'/>"));
}

TEST_CASE("while the database is away users hear that something is wrong") {
  Scene scene;
  scene.server.database.broken = true;

  const std::string refusal = scene.get("<a xmlns='urn:one'/>");
  CHECK(contains(refusal, "<internal-server-error"));
  CHECK(contains(refusal, "type='wait'"));
  CHECK(contains(scene.set("<a xmlns='urn:one'/>"), "<internal-server-error"));
}
