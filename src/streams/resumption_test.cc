// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/stream_management.h"
#include "streams/test_managed_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// A handler that lets stanzas of this kind with "slow" in them wait.
template <class Event>
class Slow {
 public:
  void joins(StreamServer& server) {
    server.on_all_hosts([this](HostType& host) { host.hooks.on<&Slow::sends>(*this); });
  }
  Answer<Verdict> sends(Event& event) {
    if (!contains(event.context.stanza.body->inner(), "slow")) return Verdict::next();
    return wait();
  }
  // What waits goes on; so does who looks again after a moment.
  void ends(StreamServer& server) {
    server.workers[0].adopt_thread();
    gate_.open();
    server.passes(1s);
  }

 private:
  Task<Verdict> wait() {
    co_await gate_;
    co_return Verdict::next();
  }

  Gate gate_;
};

}  // namespace

TEST_CASE("a client that comes back gets what it has not acknowledged, in order and stamped (XEP-0198 §5)") {
  ManagedPair pair;
  pair.alice.says(to_bob("one"));
  pair.alice.says(to_bob("two"));
  pair.bob->heard();
  pair.bob->hangs_up();
  pair.alice.says(to_bob("three"));
  CHECK(pair.server.sessions() == 2);

  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 1));
  const std::string heard = again.heard();
  CHECK(contains(heard, "<resumed xmlns='urn:xmpp:sm:3' previd='" + pair.id + "' h='1'/>"));
  CHECK_FALSE(contains(heard, "<body>one"));
  CHECK(heard.find("two") < heard.find("three"));
  CHECK(count_of(heard, "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='") == 2);
  CHECK(pair.server.sessions() == 2);

  again.says("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(pair.base + 3) + "'/>");
  pair.alice.says(to_bob("four"));
  CHECK(again.hears("four"));
}

TEST_CASE("the connection that was there before ends with conflict, and its session lives") {
  ManagedPair pair;
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 0));
  CHECK(again.hears("<resumed "));
  const std::string last = pair.bob->heard();
  CHECK(contains(last, "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
  CHECK(pair.server.sessions() == 2);
  pair.bob->hangs_up();
  CHECK(pair.server.sessions() == 2);
  pair.alice.says(to_bob("hello"));
  CHECK(again.hears("hello"));
}

TEST_CASE("of two who resume at once one has the session, and the other hears that there is none") {
  ManagedPair pair;
  pair.bob->hangs_up();
  StreamClient first{pair.server};
  StreamClient second{pair.server};
  first.says(authenticated("bob"));
  second.says(authenticated("bob"));
  first.says(resume(pair.id, pair.base + 0));
  second.says(resume(pair.id, pair.base + 0));
  CHECK(first.hears("<resumed "));
  CHECK(second.hears("<failed xmlns='urn:xmpp:sm:3'><item-not-found "));
  pair.alice.says(to_bob("hello"));
  CHECK(first.hears("hello"));
}

TEST_CASE("an id of somebody else's session is as unknown as any other") {
  ManagedPair pair;
  pair.bob->hangs_up();
  StreamClient mallory{pair.server};
  pair.server.add_account("mallory");
  mallory.says(authenticated("mallory"));
  mallory.heard();
  mallory.says(resume(pair.id, pair.base + 0));
  const std::string answer = mallory.heard();
  mallory.says(resume("nobody-s", 0));
  CHECK(mallory.heard() == answer);
  CHECK(answer ==
        "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
  mallory.says(bind_request());
  CHECK(mallory.hears("<jid>mallory@localhost/phone</jid>"));
}

TEST_CASE("who does not come back in time has left, and its messages go to another resource once") {
  ManagedPair pair;
  StreamClient desk{pair.server};
  desk.logs_in("bob", "desk");
  desk.says("<presence><priority>-1</priority></presence>");
  pair.alice.says(to_bob("hello"));
  pair.bob->heard();
  desk.heard();
  pair.bob->hangs_up();
  desk.says("<presence/>");
  desk.heard();
  pair.server.passes(599s);
  CHECK(desk.heard() == "");
  pair.server.passes(2s);
  const std::string heard = desk.heard();
  CHECK(contains(heard, "<presence from='bob@localhost/phone' to='bob@localhost/desk' type='unavailable'/>"));
  CHECK(count_of(heard, "hello") == 1);
  CHECK(contains(heard, "<delay "));
  CHECK(pair.server.sessions() == 2);
}

TEST_CASE("without resume a lost connection is the end of the session") {
  ManagedPair pair{"<enable xmlns='urn:xmpp:sm:3'/>"};
  CHECK(pair.id.empty());
  pair.bob->hangs_up();
  CHECK(pair.server.sessions() == 1);
}

TEST_CASE("a goodbye is the end, and the client learns what was taken from it") {
  ManagedPair pair;
  pair.bob->says("<presence/><iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
  pair.bob->says("</stream:stream>");
  CHECK(pair.bob->hears("<a xmlns='urn:xmpp:sm:3' h='3'/></stream:stream>"));
  CHECK(pair.server.sessions() == 1);
}

TEST_CASE("too high an h ends the stream and the session, and says what was sent") {
  ManagedPair pair;
  pair.alice.says(to_bob("one"));
  pair.bob->hangs_up();
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 7));
  CHECK(again.hears("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='" + std::to_string(pair.base + 7) +
                    "' send-count='" + std::to_string(pair.base + 1) + "'/>"));
  CHECK(pair.server.sessions() == 1);
}

TEST_CASE("a resume waits for what the old connection said last, so that order is kept") {
  Slow<UserSendsMessage> slow;
  ManagedPair pair;
  slow.joins(pair.server);
  const std::string to_alice = "<message to='alice@localhost/phone'><body>slow</body></message>";
  pair.bob->says(to_alice);
  pair.bob->hangs_up();
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 0) +
             "<message to='alice@localhost/phone'><body>next</body></message>");
  CHECK_FALSE(again.hears("<resumed "));
  slow.ends(pair.server);
  CHECK(again.hears("<resumed xmlns='urn:xmpp:sm:3' previd='" + pair.id + "' h='2'/>"));
  const std::string heard = pair.alice.heard();
  CHECK(heard.find("slow") < heard.find("next"));
}

TEST_CASE("all of a resumption in one packet, on any worker's port") {
  ManagedPair pair{"<enable xmlns='urn:xmpp:sm:3' resume='1'/>", 2};
  pair.alice.says(to_bob("hello"));
  pair.bob->hangs_up();
  for (const std::size_t worker : {0U, 1U}) {
    StreamClient again{pair.server, worker};
    again.says(resuming_login("bob", pair.id, pair.base + 0) + "<r xmlns='urn:xmpp:sm:3'/>");
    const std::string heard = again.heard();
    CHECK(contains(heard, "<resumed "));
    CHECK(contains(heard, "hello"));
    CHECK(contains(heard, "<a xmlns='urn:xmpp:sm:3' h='1'/>"));
  }
}

TEST_CASE("presence that was counted while a handler waits is not lost with the connection") {
  Slow<UserSendsPresence> slow;
  ManagedPair pair;
  slow.joins(pair.server);
  pair.bob->says("<presence><status>slow</status></presence>");
  pair.bob->hangs_up();
  slow.ends(pair.server);
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 0));
  CHECK(again.hears("h='2'/>"));
  const Session* const bob = pair.server.halls[0]->sessions.find_session(*Jid::parse("bob@localhost/phone"));
  REQUIRE(bob != nullptr);
  CHECK(contains(bob->presence->inner(), "slow"));
}

TEST_CASE("whom the rules of a listener do not let in any more does not resume there either") {
  C2sOptions options = StreamServer::without_tls();
  options.access = "c2s";
  const auto rules = [](const char* value) {
    return std::make_shared<const AccessRules>(AccessTables{.acl = {}, .access = {{"c2s", {{"all", value}}}}});
  };
  StreamServer server{1, options};
  HostType& host = *server.halls[0]->host_of("localhost");
  host.access = rules("allow");
  host.stream_management = std::make_shared<const StreamManagementOptions>();
  StreamClient bob{server};
  bob.logs_in("bob");
  bob.says("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  const std::string enabled = bob.heard();
  const std::size_t at = enabled.find(" id='") + 5;
  const std::string id = enabled.substr(at, enabled.find('\'', at) - at);
  bob.hangs_up();
  host.access = rules("deny");
  StreamClient again{server};
  again.says(resuming_login("bob", id, 0));
  CHECK(again.hears("<failed xmlns='urn:xmpp:sm:3'><not-allowed "));
}
