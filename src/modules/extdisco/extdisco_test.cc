// SPDX-License-Identifier: Apache-2.0
#include "modules/extdisco/extdisco.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "core/test_hall.h"
#include "xmpp/date_time.h"
#include "xmpp/sasl_crypto.h"

using namespace meerkat;

namespace {

constexpr std::string_view services = R"(
  [[service]]
  type = "stun"
  host = "stun.example.org"
  port = 3478
  transport = "udp"
  [[service]]
  type = "turn"
  host = "turn.example.org"
  port = 3478
  transport = "udp"
  username = "guest"
  password = "a<b"
  [[service]]
  type = "turn"
  host = "turn.example.org"
  port = 5349
  transport = "tcp"
  secret = "between us"
  [[service]]
  type = "ftp"
  host = "192.0.2.1"
)";

struct Scene {
  explicit Scene(std::string_view options = services) { REQUIRE(server.start(extdisco_module(), options) == ""); }
  std::string asked(std::string_view question) {
    TestClient& alice = server.online("alice", "r" + std::to_string(++asked_));
    alice.says("<iq type='get' id='1' to='localhost'>" + std::string{question} + "</iq>");
    return alice.heard();
  }
  TestServer server;
  int asked_ = 0;
};

std::string credentials(std::string_view of) {
  return "<credentials xmlns='urn:xmpp:extdisco:2'><service " + std::string{of} + "/></credentials>";
}

}  // namespace

TEST_CASE("all services are told, with what is known of them") {
  Scene scene;

  const std::string heard = scene.asked("<services xmlns='urn:xmpp:extdisco:2'/>");

  CHECK(contains(heard,
                 "<services xmlns='urn:xmpp:extdisco:2'><service type='stun' host='stun.example.org' "
                 "port='3478' transport='udp'/><service type='turn' host='turn.example.org' port='3478' "
                 "transport='udp' username='guest' password='a&lt;b'/><service "));
  CHECK(contains(heard, "<service type='ftp' host='192.0.2.1'/></services>"));
}

TEST_CASE("services of one type are told when only these are asked for") {
  Scene scene;

  CHECK(contains(scene.asked("<services xmlns='urn:xmpp:extdisco:2' type='stun'/>"),
                 "<services xmlns='urn:xmpp:extdisco:2' type='stun'><service type='stun' host='stun.example.org' "
                 "port='3478' transport='udp'/></services>"));
  CHECK(contains(scene.asked("<services xmlns='urn:xmpp:extdisco:2' type='fax'/>"),
                 "<services xmlns='urn:xmpp:extdisco:2' type='fax'/>"));
}

TEST_CASE("a secret makes credentials that last an hour and are of one user") {
  Scene scene;
  const WallTime until = scene.server.clock.wall() + std::chrono::hours{1};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(until.time_since_epoch()).count();
  const std::string username = std::to_string(seconds) + ":alice@localhost";

  const std::string heard = scene.asked(credentials("type='turn' host='turn.example.org' port='5349'"));

  CHECK(contains(heard,
                 "<credentials xmlns='urn:xmpp:extdisco:2'><service type='turn' host='turn.example.org' "
                 "port='5349' transport='tcp' username='" +
                     username + "' password='" + base64(hmac(ScramHash::sha1, "between us", username).view()) +
                     "' expires='" + date_time(until) + "'/></credentials>"));
}

TEST_CASE("credentials are asked for by type and host") {
  Scene scene;

  const std::string both = scene.asked(credentials("type='turn' host='turn.example.org'"));
  CHECK(contains(both, "username='guest'"));
  CHECK(contains(both, "port='5349'"));

  CHECK(contains(scene.asked(credentials("type='stun' host='stun.example.org'")), "<item-not-found"));
  CHECK(contains(scene.asked(credentials("type='turn' host='elsewhere.example.org'")), "<item-not-found"));
  CHECK(contains(scene.asked(credentials("host='turn.example.org'")), "<bad-request"));
  CHECK(contains(scene.asked(credentials("type='turn'")), "<bad-request"));
  CHECK(contains(scene.asked("<credentials xmlns='urn:xmpp:extdisco:2'/>"), "<bad-request"));
  CHECK(contains(scene.asked("<other xmlns='urn:xmpp:extdisco:2'/>"), "<bad-request"));
}

TEST_CASE("services cannot be set, and an account has none") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");

  alice.says("<iq type='set' id='1' to='localhost'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
  CHECK(alice.hears("<not-allowed"));
  alice.says("<iq type='get' id='1'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
  CHECK(alice.hears("<service-unavailable"));
}

TEST_CASE("a service has a type and a host, and either a secret or a fixed name and password") {
  for (const std::string_view wrong :
       {"[[service]]\ntype = \"turn\"\n", "[[service]]\nhost = \"turn.example.org\"\n",
        "[[service]]\ntype = \"turn\"\nhost = \"h\"\ntransport = \"sctp\"\n",
        "[[service]]\ntype = \"turn\"\nhost = \"h\"\nsecret = \"s\"\npassword = \"p\"\n"}) {
    TestServer server;
    CHECK(server.start(extdisco_module(), wrong) != "");
  }
}
