// SPDX-License-Identifier: Apache-2.0
#include "modules/ping/ping.h"

#include <doctest/doctest.h>

#include "core/events/stream_events.h"
#include "core/test_hall.h"
#include "core/test_metrics.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view pinging = "send_pings = true\nping_interval = 10\nping_req_timeout = 5\n";
constexpr std::string_view killing =
    "send_pings = true\nping_interval = 10\nping_req_timeout = 5\ntimeout_action = \"kill\"\n";

struct Scene {
  explicit Scene(std::string_view options = {}) { REQUIRE(server.start(ping_module(), options) == ""); }
  TestServer server;
};

std::string id_of(const std::string& ping) {
  const std::size_t at = ping.find("id='") + 4;
  return ping.substr(at, ping.find('\'', at) - at);
}

}  // namespace

TEST_CASE("the server and the own account answer a ping with nothing") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  alice.says("<iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
  CHECK(alice.heard() == "<iq from='localhost' to='alice@localhost/phone' type='result' id='1'/>");

  alice.says("<iq type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>");
  CHECK(alice.heard() == "<iq from='alice@localhost' to='alice@localhost/phone' type='result' id='2'/>");
}

TEST_CASE("setting a ping, or asking for something else in its namespace, is not implemented") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  for (const std::string_view to : {"localhost", "alice@localhost"}) {
    alice.says("<iq type='set' id='1' to='" + std::string{to} + "'><ping xmlns='urn:xmpp:ping'/></iq>");
    CHECK(alice.hears("<feature-not-implemented"));
    alice.says("<iq type='get' id='1' to='" + std::string{to} + "'><pong xmlns='urn:xmpp:ping'/></iq>");
    CHECK(alice.hears("<feature-not-implemented"));
  }
}

TEST_CASE("a ping does not tell whether somebody else's account exists") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  scene.server.online("bob");

  for (const std::string_view type : {"get", "set"}) {
    for (const std::string_view name : {"bob", "nobody"}) {
      alice.says("<iq type='" + std::string{type} + "' id='1' to='" + std::string{name} +
                 "@localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
      CHECK(alice.hears("<service-unavailable"));
    }
  }
}

TEST_CASE("nobody is pinged unless the operator wishes it") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  scene.server.passes(1h);

  CHECK(alice.heard().empty());
}

TEST_CASE("a client that has been silent for the interval is pinged, once") {
  Scene scene{pinging};
  TestClient& alice = scene.server.online("alice");

  scene.server.passes(9s);
  CHECK(alice.heard().empty());
  scene.server.passes(2s);
  CHECK(alice.hears("<ping xmlns='urn:xmpp:ping'/>"));
  scene.server.passes(1h);

  CHECK(alice.heard().empty());
  CHECK(alice.session != nullptr);
}

TEST_CASE("a client that has never sent a stanza is not pinged") {
  Scene scene{pinging};
  TestClient& alice = scene.server.login("alice");

  scene.server.passes(1h);

  CHECK(alice.heard().empty());
}

TEST_CASE("a client that has lost its connection is not pinged, and is again when it has resumed (XEP-0198 §5)") {
  Scene scene{pinging};
  TestClient& alice = scene.server.online("alice");
  Session& session = *alice.session;
  session.host.hall.worker.adopt_thread();
  session.host.hall.fire(SessionDetaches{session.host, session});
  scene.server.passes(1h);
  CHECK(alice.heard().empty());

  session.host.hall.worker.adopt_thread();
  session.host.hall.fire(SessionResumes{session.host, session});
  scene.server.passes(11s);
  CHECK(alice.hears("<ping xmlns='urn:xmpp:ping'/>"));
}

TEST_CASE("every stanza starts the interval anew") {
  Scene scene{pinging};
  TestClient& alice = scene.server.online("alice");
  for (int i = 0; i < 5; ++i) {
    scene.server.passes(9s);
    alice.says("<presence to='localhost'/>");
  }

  CHECK(alice.heard().empty());
}

TEST_CASE("a client that answers stays, goes no further with it, and is pinged again later") {
  Scene scene{killing};
  TestClient& alice = scene.server.online("alice");
  for (int i = 0; i < 3; ++i) {
    scene.server.passes(11s);
    const std::string ping = alice.heard();
    REQUIRE(contains(ping, "<iq from='localhost' to='alice@localhost/phone' type='get' id='"));

    alice.says("<iq type='result' to='localhost' id='" + id_of(ping) + "'/>");
    CHECK(alice.heard().empty());
  }
  CHECK(alice.session != nullptr);
}

TEST_CASE("answers to pings are counted and timed, and so are pings without an answer counted") {
  Scene scene{pinging};
  TestClient& alice = scene.server.online("alice");
  scene.server.passes(11s);
  const std::string ping = alice.heard();
  scene.server.clock.advance(3ms);

  alice.says("<iq type='result' to='localhost' id='" + id_of(ping) + "'/>");
  CHECK(counted(scene.server.metrics, "mod_ping_response", "count") == 1);
  CHECK(recorded(scene.server.metrics, "mod_ping_response", "time") == 3000);
  CHECK(counted(scene.server.metrics, "mod_ping_response_timeout", "count") == 0);

  scene.server.passes(11s);
  scene.server.passes(1h);
  CHECK(counted(scene.server.metrics, "mod_ping_response", "count") == 1);
  CHECK(counted(scene.server.metrics, "mod_ping_response_timeout", "count") == 1);
  CHECK(counted(scene.server.metrics, "hook_user_ping_response", "count") == 2);
}

TEST_CASE("a client that does not answer is cut off when the operator wishes that") {
  Scene scene{killing};
  TestClient& alice = scene.server.online("alice");
  scene.server.passes(11s);
  REQUIRE(alice.hears("<ping"));

  scene.server.passes(4s);
  CHECK(alice.session != nullptr);
  scene.server.passes(2s);

  CHECK(alice.session == nullptr);
  CHECK(alice.ended_with == "connection-timeout");
}

TEST_CASE("a client that answers with an error is cut off as well") {
  Scene scene{killing};
  TestClient& alice = scene.server.online("alice");
  scene.server.passes(11s);
  const std::string id = id_of(alice.heard());

  alice.says("<iq type='error' to='localhost' id='" + id + "'><error type='cancel'/></iq>");

  CHECK(alice.session == nullptr);
}

TEST_CASE("any stanza counts as a sign of life while a ping is out") {
  Scene scene{killing};
  TestClient& alice = scene.server.online("alice");
  scene.server.passes(11s);
  alice.says("<message to='bob@localhost' type='headline'/>");
  alice.heard();

  scene.server.passes(6s);

  CHECK(alice.session != nullptr);
}

TEST_CASE("a session that ends is forgotten") {
  Scene scene{killing};
  TestClient& alice = scene.server.online("alice");
  alice.disconnects();

  scene.server.passes(1h);

  CHECK(alice.heard().empty());
}

TEST_CASE("options of mod_ping are checked") {
  TestServer server;

  CHECK(contains(server.start(ping_module(), "timeout_action = \"kil\""), "did you mean \"kill\""));
  CHECK(contains(server.start(ping_module(), "ping_interval = 0"), "at least \"1s\""));
  CHECK(contains(server.start(ping_module(), "iqdisc.type = \"queues\""), "needs the option workers"));
  CHECK(server.start(ping_module(), "iqdisc = {type = \"queues\", workers = 5}") == "");
}
