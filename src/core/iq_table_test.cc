// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §8.2.3, RFC 6121 §8.5: requests that the server answers, for itself and for accounts.
#include <stdexcept>

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

struct Clerk {
  explicit Clerk(HostType& host) {
    host.iqs.on_get<&Clerk::asked>(*this, ns::last, IqTarget::server);
    host.iqs.on_get<&Clerk::asked_later>(*this, ns::last, IqTarget::account);
    host.iqs.on_get<&Clerk::fails>(*this, ns::version, IqTarget::server);
    host.iqs.on_get<&Clerk::fails_later>(*this, ns::time, IqTarget::server);
  }
  IqReply asked(const IqRequest& request) {
    knows_sender = request.sender != nullptr;
    return xml::Builder("query", ns::last).attr("seconds", 7);
  }
  Task<IqReply> asked_later(const IqRequest& request) {
    co_await gate;
    co_return xml::Builder("query", ns::last).text(request.from.text());
  }
  IqReply fails(const IqRequest&) { throw std::runtime_error("broken handler"); }
  Task<IqReply> fails_later(const IqRequest&) {
    co_await gate;
    throw std::runtime_error("broken handler");
  }
  Gate gate;
  bool knows_sender = false;
};

struct Scene {
  TestServer server{1};
  Clerk clerk{TestServer::host(*server.halls[0])};
  TestClient& alice = server.online("alice");
};

}  // namespace

TEST_CASE("the server answers a request for itself with the same id and the addresses swapped") {
  Scene scene;

  scene.alice.says("<iq type='get' id='1' to='localhost'><query xmlns='jabber:iq:last'/></iq>");

  CHECK(scene.alice.heard() ==
        "<iq from='localhost' to='alice@localhost/phone' type='result' id='1'><query xmlns='jabber:iq:last' "
        "seconds='7'/></iq>");
  CHECK(scene.clerk.knows_sender);
}

TEST_CASE("a request without `to` is for the sender's account") {
  Scene scene;
  scene.clerk.gate.open();

  scene.alice.says("<iq type='get' id='1'><query xmlns='jabber:iq:last'/></iq>");

  CHECK(scene.alice.hears("<iq from='alice@localhost' to='alice@localhost/phone' type='result' id='1'>"));
}

TEST_CASE("a request whose handler waits is answered when it is done") {
  Scene scene;
  scene.alice.says("<iq type='get' id='1' to='alice@localhost'><query xmlns='jabber:iq:last'/></iq>");
  CHECK(scene.alice.heard().empty());

  scene.clerk.gate.open();

  CHECK(scene.alice.hears("type='result' id='1'><query xmlns='jabber:iq:last'>alice@localhost/phone</query>"));
}

TEST_CASE("an answer for somebody who has left in the meantime is dropped") {
  Scene scene;
  scene.alice.says("<iq type='get' id='1'><query xmlns='jabber:iq:last'/></iq>");
  scene.alice.disconnects();

  scene.clerk.gate.open();
  scene.server.turn();

  CHECK(scene.alice.heard().empty());
}

TEST_CASE("a namespace that nobody knows is refused") {
  Scene scene;

  for (const std::string_view to : {"localhost", "alice@localhost"}) {
    scene.alice.says("<iq type='get' id='1' to='" + std::string{to} + "'><query xmlns='urn:example:x'/></iq>");
    CHECK(scene.alice.hears("<service-unavailable"));
  }
}

TEST_CASE("setting what can only be asked for is not allowed") {
  Scene scene;

  scene.alice.says("<iq type='set' id='1' to='localhost'><query xmlns='jabber:iq:last'/></iq>");

  CHECK(scene.alice.hears("<not-allowed"));
}

TEST_CASE("a handler that throws answers with an internal error, at once or later") {
  Scene scene;

  scene.alice.says("<iq type='get' id='1' to='localhost'><query xmlns='jabber:iq:version'/></iq>");
  CHECK(scene.alice.hears("<internal-server-error"));

  scene.alice.says("<iq type='get' id='2' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");
  scene.clerk.gate.open();
  CHECK(scene.alice.hears("<internal-server-error"));
}

TEST_CASE("a store that is broken does not go unanswered") {
  Scene scene;
  scene.clerk.gate.open();
  scene.server.accounts.broken = true;

  scene.alice.says("<iq type='get' id='1' to='bob@localhost'><query xmlns='jabber:iq:last'/></iq>");

  CHECK(scene.alice.hears("<internal-server-error"));
}

TEST_CASE("an account without sessions answers if it exists; one that does not exist is refused") {
  Scene scene;
  scene.clerk.gate.open();
  scene.server.accounts.passwords.emplace("bob@localhost", "secret");

  scene.alice.says("<iq type='get' id='1' to='bob@localhost'><query xmlns='jabber:iq:last'/></iq>");
  CHECK(scene.alice.hears("type='result'"));

  scene.alice.says("<iq type='get' id='1' to='nobody@localhost'><query xmlns='jabber:iq:last'/></iq>");
  CHECK(scene.alice.hears("<service-unavailable"));
}

TEST_CASE("what an account cannot be told tells nobody else whether there is one") {
  Scene scene;
  scene.server.accounts.passwords.emplace("bob@localhost", "secret");

  for (const std::string_view name : {"bob", "nobody"}) {
    scene.alice.says("<iq type='set' id='1' to='" + std::string{name} +
                     "@localhost'><query xmlns='jabber:iq:last'/></iq>");
    CHECK(scene.alice.hears("<service-unavailable"));
  }
  scene.alice.says("<iq type='set' id='1'><query xmlns='jabber:iq:last'/></iq>");
  CHECK(scene.alice.hears("<not-allowed"));
}
