// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/client_state.h"

#include <doctest/doctest.h>

#include "core/events/stream_events.h"
#include "core/test_hall.h"
#include "core/test_metrics.h"

namespace meerkat {
namespace {

constexpr std::string_view active = "<active xmlns='urn:xmpp:csi:0'/>";
constexpr std::string_view inactive = "<inactive xmlns='urn:xmpp:csi:0'/>";

struct Pair {
  explicit Pair(std::string_view options = {}) {
    REQUIRE(server.start(csi_module(), options).empty());
    bob.says(inactive);
  }
  // Alice's directed presence.
  void shows(std::string_view show) {
    alice.says("<presence to='bob@localhost/phone'><show>" + std::string{show} + "</show></presence>");
  }
  void types(std::string_view state) {
    alice.says("<message to='bob@localhost/phone' type='chat'><" + std::string{state} +
               " xmlns='http://jabber.org/protocol/chatstates'/></message>");
  }
  void writes(std::string_view text) {
    alice.says("<message to='bob@localhost/phone' type='chat'><body>" + std::string{text} + "</body></message>");
  }

  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
};

}  // namespace

TEST_CASE("an inactive client hears of presence when it is active again, the newest of each (XEP-0352 §3.2)") {
  Pair pair;
  pair.shows("away");
  pair.shows("xa");
  CHECK(pair.bob.heard().empty());

  pair.bob.says(active);
  const std::string heard = pair.bob.heard();
  CHECK(contains(heard, "<show>xa</show>"));
  CHECK_FALSE(contains(heard, "<show>away</show>"));
}

TEST_CASE("it is counted how often clients say that somebody looks at them, or nobody") {
  Pair pair;
  pair.bob.says(inactive);
  pair.bob.says(active);

  CHECK(counted(pair.server.metrics, "mod_csi_inactive", "count") == 2);
  CHECK(counted(pair.server.metrics, "mod_csi_active", "count") == 1);
}

TEST_CASE("a message that somebody would read comes at once, behind what waited") {
  Pair pair;
  pair.shows("away");
  pair.types("composing");
  CHECK(pair.bob.heard().empty());

  pair.writes("hello");
  const std::string heard = pair.bob.heard();
  CHECK(heard.find("<show>away</show>") < heard.find("<composing"));
  CHECK(heard.find("<composing") < heard.find("hello"));
}

TEST_CASE("of typing notices the last one is kept") {
  Pair pair;
  pair.types("composing");
  pair.types("paused");
  pair.bob.says(active);

  const std::string heard = pair.bob.heard();
  CHECK(contains(heard, "<paused"));
  CHECK_FALSE(contains(heard, "<composing"));
}

TEST_CASE("receipts are all kept") {
  Pair pair;
  for (const std::string id : {"one", "two"})
    pair.alice.says("<message to='bob@localhost/phone' type='chat'><received xmlns='urn:xmpp:receipts' id='" + id +
                    "'/></message>");
  CHECK(pair.bob.heard().empty());
  pair.bob.says(active);
  const std::string heard = pair.bob.heard();
  CHECK(contains(heard, "id='one'"));
  CHECK(contains(heard, "id='two'"));
}

TEST_CASE("a request reaches an inactive client at once") {
  Pair pair;
  pair.alice.says("<iq type='get' id='q' to='bob@localhost/phone'><query xmlns='jabber:iq:version'/></iq>");
  CHECK(pair.bob.hears("jabber:iq:version"));
}

TEST_CASE("no more than buffer_max stanzas wait, and all go in their order") {
  Pair pair{"buffer_max = 2"};
  TestClient& carol = pair.server.online("carol");
  TestClient& dave = pair.server.online("dave");
  pair.shows("away");
  carol.says("<presence to='bob@localhost/phone'/>");
  CHECK(pair.bob.heard().empty());

  dave.says("<presence to='bob@localhost/phone'/>");
  const std::string heard = pair.bob.heard();
  CHECK(heard.find("alice@") < heard.find("carol@"));
  CHECK(heard.find("carol@") < heard.find("dave@"));
  CHECK(contains(heard, "dave@"));
}

TEST_CASE("with buffer_max = 0 nothing waits; with infinity a bound of bytes is left") {
  Pair none{"buffer_max = 0"};
  none.shows("away");
  CHECK(none.bob.hears("away"));

  Pair all{"buffer_max = \"infinity\""};
  for (int i = 0; i < 2000; ++i)
    all.alice.says("<message to='bob@localhost/phone' type='chat'><received xmlns='urn:xmpp:receipts' id='" +
                   std::to_string(i) + "'/></message>");
  CHECK(all.bob.hears("id='0'"));
}

TEST_CASE("a client that says twice that nobody looks keeps what waits") {
  Pair pair;
  pair.shows("away");
  pair.bob.says(inactive);
  CHECK(pair.bob.heard().empty());
  pair.bob.says(active);
  CHECK(pair.bob.hears("away"));
  pair.bob.says(active);
  pair.shows("xa");
  CHECK(pair.bob.hears("xa"));
}

TEST_CASE("who resumes a session is active (XEP-0352 §5.2)") {
  Pair pair;
  pair.shows("away");
  Session& session = *pair.bob.session;
  session.host.hall.worker.adopt_thread();
  session.host.hall.fire(SessionResumes{session.host, session});
  CHECK(pair.bob.hears("away"));
  pair.shows("xa");
  CHECK(pair.bob.hears("xa"));
}

TEST_CASE("when the module is stopped nobody waits any more") {
  Pair pair;
  pair.shows("away");
  pair.server.on_all_hosts([](HostType& host) { host.stop_module("mod_csi"); });
  pair.server.turn();
  pair.shows("xa");
  CHECK(pair.bob.hears("<show>xa</show>"));
}

}  // namespace meerkat
