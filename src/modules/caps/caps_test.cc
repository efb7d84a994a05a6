// SPDX-License-Identifier: Apache-2.0
#include "modules/caps/caps.h"

#include <doctest/doctest.h>

#include "core/test_disco.h"
#include "modules/caps/caps_events.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// XEP-0115 §5.2.
constexpr std::string_view exodus =
    "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:exodus' "
    "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
constexpr std::string_view exodus_says =
    "<identity category='client' name='Exodus 0.9.1' type='pc'/><feature var='http://jabber.org/protocol/caps'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/><feature var='http://jabber.org/protocol/disco#items'/>"
    "<feature var='http://jabber.org/protocol/muc'/>";

// A client with one feature, and its hash of XEP-0390; the identity speaks the language of the stream.
constexpr std::string_view newer_says = "<identity category='client' type='pc' xml:lang='en'/><feature var='urn:n'/>";
constexpr std::string_view newer =
    "<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>x</hash>"
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>NEWER</hash></c>";

struct Scene {
  explicit Scene(std::string_view options = {}) {
    REQUIRE(server.start(caps_module(), options) == "");
    server.on_all_hosts([this](HostType& host) {
      host.disco.add_identity(IqTarget::server, {"server", "im", "Meerkat"});
      host.hooks.on<&Scene::becomes_known>(*this);
    });
  }
  Verdict becomes_known(ClientFeaturesKnown& event) {
    told.emplace_back(event.session.jid.text());
    return Verdict::next();
  }

  TestServer server;
  std::vector<std::string> told;
};

std::string attribute_of(const std::string& text, std::string_view name) {
  const std::string begin = std::string{name} + "='";
  const std::size_t at = text.find(begin);
  return at == std::string::npos
             ? ""
             : text.substr(at + begin.size(), text.find('\'', at + begin.size()) - at - begin.size());
}

// Sends presence; what it is asked then, or nothing. Its own presence comes back to it, and does not count.
std::string announces(TestClient& client, std::string_view caps) {
  client.says("<presence>" + std::string{caps} + "</presence>");
  const std::string heard = client.heard();
  const std::size_t at = heard.find("<iq ");
  return at == std::string::npos ? "" : heard.substr(at, heard.find("</iq>", at) - at);
}

void answers(TestClient& client, const std::string& question, std::string_view content) {
  client.says("<iq type='result' to='localhost' id='" + attribute_of(question.substr(question.find(" id=")), "id") +
              "'><query xmlns='http://jabber.org/protocol/disco#info'>" + std::string{content} + "</query></iq>");
}

bool can(const TestClient& client, std::string_view feature) {
  const auto features = features_of(*client.session);
  return features && features->has(feature);
}

std::string stream_features(TestServer& server, bool authenticated = true) {
  std::string features;
  StreamFeatures event{TestServer::host(*server.halls[0]), authenticated, features};
  const Answer<Verdict> answer = event.host.run(event);
  REQUIRE(answer.at_hand());
  return features;
}

}  // namespace

TEST_CASE("a client that announces what nobody knows is asked, by the node it named") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");

  const std::string question = announces(alice, exodus);

  CHECK(contains(question, "<iq from='localhost' to='alice@localhost/phone' type='get'"));
  CHECK(contains(question,
                 "<query xmlns='http://jabber.org/protocol/disco#info' "
                 "node='urn:exodus#QgayPKawpkPSDYmwT/WM94uAlu0='/>"));
  CHECK(!features_of(*alice.session));

  answers(alice, question, exodus_says);

  CHECK(can(alice, "http://jabber.org/protocol/muc"));
  CHECK(!can(alice, "urn:other"));
  CHECK(scene.told == std::vector<std::string>{"alice@localhost/phone"});
  CHECK(alice.heard() == "");
}

TEST_CASE("nobody else who announces the same is asked") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  answers(alice, announces(alice, exodus), exodus_says);

  for (const std::string_view name : {"bob", "carol", "dave"}) {
    TestClient& other = scene.server.login(name);
    CHECK(announces(other, exodus) == "");
    CHECK(can(other, "http://jabber.org/protocol/muc"));
  }
  CHECK(scene.told.size() == 4);
}

TEST_CASE("what an answer says counts only when it has the hash that was announced") {
  Scene scene;
  TestClient& mallory = scene.server.login("mallory");

  answers(mallory, announces(mallory, exodus), std::string{exodus_says} + "<feature var='urn:evil'/>");

  CHECK(!features_of(*mallory.session));
  TestClient& alice = scene.server.login("alice");
  CHECK(announces(alice, exodus) != "");
  CHECK(scene.told.empty());
}

TEST_CASE("a hash that cannot be computed says something about one client only") {
  Scene scene;
  constexpr std::string_view odd = "<c xmlns='http://jabber.org/protocol/caps' hash='md5' node='urn:odd' ver='abc'/>";
  TestClient& alice = scene.server.login("alice");

  answers(alice, announces(alice, odd), "<identity category='client' type='pc'/><feature var='urn:odd'/>");

  CHECK(can(alice, "urn:odd"));
  TestClient& bob = scene.server.login("bob");
  CHECK(announces(bob, odd) != "");
  CHECK(!can(bob, "urn:odd"));
}

TEST_CASE("a client without a hash is not asked") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");

  CHECK(announces(alice, "") == "");
  CHECK(announces(alice, "<c xmlns='http://jabber.org/protocol/caps' node='urn:old' ver='0.9' ext='a b'/>") == "");
  CHECK(announces(alice, "<c xmlns='urn:xmpp:caps'/>") == "");
  CHECK(announces(alice, "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='" +
                             std::string(1000, 'a') + "'/>") == "");
}

TEST_CASE("the newer way goes first, with a hash that proves something") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");

  const std::string question = announces(alice, std::string{exodus} + std::string{newer});

  CHECK(contains(question, "node='urn:xmpp:caps#sha-256.NEWER'"));
  answers(alice, question, newer_says);
  CHECK(!features_of(*alice.session));
}

TEST_CASE("a client of the newer way is believed when the hash is right") {
  Scene scene;
  // XEP-0390 §4.5.1, cut down to what one needs: the hash of "urn:n\x1f\x1cclient\x1fpc\x1fen\x1f\x1f\x1e\x1c\x1c".
  std::string right{newer};
  right.replace(right.find("NEWER"), 5, "cBevjFydhY9KqD/QuM8BTMNpTADIxko0/BT+jaOyFHQ=");
  TestClient& alice = scene.server.login("alice");

  answers(alice, announces(alice, right), newer_says);

  CHECK(can(alice, "urn:n"));
}

TEST_CASE("versions can be left out") {
  Scene scene{"versions = [\"v1\"]"};
  TestClient& alice = scene.server.login("alice");

  CHECK(announces(alice, newer) == "");
  CHECK(contains(announces(alice, exodus), "node='urn:exodus#"));
  CHECK(!contains(stream_features(scene.server), "urn:xmpp:caps'"));
}

TEST_CASE("what a client can do ends with its announcement") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  answers(alice, announces(alice, exodus), exodus_says);

  announces(alice, "<show>away</show>");
  CHECK(!features_of(*alice.session));
  announces(alice, exodus);
  CHECK(can(alice, "http://jabber.org/protocol/muc"));
  alice.says("<presence type='unavailable'/>");
  CHECK(!features_of(*alice.session));
  CHECK(scene.told.size() == 4);
}

TEST_CASE("directed presence changes nothing, and the same announcement is not told twice") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  answers(alice, announces(alice, exodus), exodus_says);

  alice.says("<presence to='bob@localhost'/>");
  announces(alice, std::string{exodus} + "<status>here</status>");

  CHECK(can(alice, "http://jabber.org/protocol/muc"));
  CHECK(scene.told.size() == 1);
}

TEST_CASE("an answer that comes too late, twice, or from somebody who was not asked says nothing") {
  Scene scene{"iq_response_timeout = 1000"};
  TestClient& alice = scene.server.login("alice");
  TestClient& bob = scene.server.login("bob");
  const std::string question = announces(alice, exodus);

  answers(bob, question, exodus_says);
  CHECK(!features_of(*bob.session));
  scene.server.passes(2s);
  answers(alice, question, exodus_says);
  CHECK(!features_of(*alice.session));

  // The next presence asks anew.
  const std::string again = announces(alice, exodus);
  alice.says("<iq type='error' to='localhost' id='" + attribute_of(again.substr(again.find(" id=")), "id") + "'/>");
  answers(alice, again, exodus_says);
  CHECK(!features_of(*alice.session));
}

TEST_CASE("a client that ends while it is asked leaves nothing behind") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  announces(alice, exodus);

  alice.disconnects();
  scene.server.passes(10s);

  CHECK(scene.told.empty());
}

TEST_CASE("a client that makes up announcements is asked ten times a minute") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  const auto made_up = [](int number) {
    return "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v" + std::to_string(number) + "'/>";
  };

  int asked = 0;
  for (int i = 0; i < 50; ++i) asked += announces(alice, made_up(i)) != "" ? 1 : 0;
  CHECK(asked == 10);
  scene.server.passes(1min);
  CHECK(announces(alice, made_up(50)) != "");
}

TEST_CASE("an answer that is larger than any client's is not kept") {
  Scene scene;
  constexpr std::string_view odd = "<c xmlns='http://jabber.org/protocol/caps' hash='md5' node='urn:odd' ver='abc'/>";
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "<feature var='" + std::to_string(i) + "'/>";
  TestClient& alice = scene.server.login("alice");

  answers(alice, announces(alice, odd), many);

  CHECK(!features_of(*alice.session));
}

TEST_CASE("the server announces itself to those who logged in, and its nodes tell what it is") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  CHECK(stream_features(scene.server, false) == "");

  const std::string features = stream_features(scene.server);

  CHECK(contains(features, "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:meerkat:server' ver='"));
  const std::string node = "urn:meerkat:server#" + attribute_of(features, "ver");
  const HostType& host = TestServer::host(*scene.server.halls[0]);
  const std::string plain = disco_info(host.disco, host.iqs, IqTarget::server).str();
  CHECK(contains(plain, "<feature var='urn:xmpp:hash-function-text-names:sha-256'/>"));
  CHECK(node_info(scene.server, alice, "localhost", node) == plain);
  const std::size_t hash = features.find("algo='sha-256'>") + 15;
  CHECK(contains(node_info(scene.server, alice, "localhost",
                           "urn:xmpp:caps#sha-256." + features.substr(hash, features.find('<', hash) - hash)),
                 "<identity category='server'"));
  CHECK(node_info(scene.server, alice, "localhost", "urn:meerkat:server#other") == "unknown");
}

TEST_CASE("what the server was is still told after modules have come") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  const std::string before = stream_features(scene.server);
  scene.server.on_all_hosts([](HostType& host) {
    host.start_module("mod_more", [](HostType& here) {
      here.disco.add_feature(IqTarget::server, "urn:more");
      return std::make_unique<Module>();
    });
  });

  const std::string after = stream_features(scene.server);

  CHECK(attribute_of(after, "ver") != attribute_of(before, "ver"));
  CHECK(contains(node_info(scene.server, alice, "localhost", "urn:meerkat:server#" + attribute_of(after, "ver")),
                 "urn:more"));
  const std::string former =
      node_info(scene.server, alice, "localhost", "urn:meerkat:server#" + attribute_of(before, "ver"));
  CHECK(contains(former, "<identity category='server'"));
  CHECK(!contains(former, "urn:more"));
}
