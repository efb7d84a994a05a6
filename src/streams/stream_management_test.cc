// SPDX-License-Identifier: Apache-2.0
#include "streams/stream_management.h"

#include <doctest/doctest.h>

#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "streams/test_managed_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view request = "<r xmlns='urn:xmpp:sm:3'/>";
constexpr std::string_view enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";

std::string acknowledgement(std::uint32_t h) { return "<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(h) + "'/>"; }

Session& session_of_bob(ManagedPair& pair) {
  return *pair.server.halls[0]->sessions.find_session(*Jid::parse("bob@localhost/phone"));
}

}  // namespace

TEST_CASE("a client is told how long it may be away, at most what the server offers (XEP-0198 §3)") {
  const auto answer_to = [](std::string_view said) {
    StreamServer server;
    server.on_all_hosts(
        [](HostType& host) { host.stream_management = std::make_shared<const StreamManagementOptions>(); });
    StreamClient bob{server};
    bob.logs_in("bob");
    bob.says(said);
    return bob.heard();
  };
  CHECK(contains(answer_to(enable), " resume='true' max='600'/>"));
  CHECK(contains(answer_to("<enable xmlns='urn:xmpp:sm:3' resume='1' max='60'/>"), " resume='true' max='60'/>"));
  CHECK(contains(answer_to("<enable xmlns='urn:xmpp:sm:3' resume='true' max='9999999'/>"), " max='600'/>"));
  CHECK(contains(answer_to("<enable xmlns='urn:xmpp:sm:3' resume='true' max='-1'/>"), " max='600'/>"));
  CHECK(answer_to("<enable xmlns='urn:xmpp:sm:3'/>") == "<enabled xmlns='urn:xmpp:sm:3'/>");
  CHECK(answer_to("<enable xmlns='urn:xmpp:sm:3' resume='false' max='5'/>") == "<enabled xmlns='urn:xmpp:sm:3'/>");
  CHECK(contains(answer_to("<enable xmlns='urn:xmpp:sm:3' resume='perhaps'/>"), "<failed xmlns='urn:xmpp:sm:3'>"));
}

TEST_CASE("it is enabled once") {
  ManagedPair pair;
  pair.bob->says(enable);
  const std::string heard = pair.bob->heard();
  CHECK(contains(heard,
                 "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"));
  CHECK(contains(heard, "</stream:stream>"));
  CHECK(pair.server.sessions() == 1);
}

TEST_CASE("after each stanza the client is asked, with ack_freq = 3 after three and at the end of a burst") {
  ManagedPair often;
  often.alice.says(to_bob("one") + to_bob("two"));
  CHECK(count_of(often.bob->heard(), request) == 2);

  ManagedPair seldom{enable, 1, {.ack_freq = 3}};
  seldom.alice.says(to_bob("one") + to_bob("two") + to_bob("three") + to_bob("four"));
  const std::string heard = seldom.bob->heard();
  CHECK(count_of(heard, request) == 2);
  CHECK(heard.find("three") < heard.find(request));
  CHECK(heard.ends_with(request));

  ManagedPair never{enable, 1, {.ack = false}};
  never.alice.says(to_bob("one"));
  CHECK(count_of(never.bob->heard(), request) == 0);
}

TEST_CASE("stanzas count, and nothing else does") {
  ManagedPair pair;
  pair.bob->says(std::string{request});
  CHECK(pair.bob->heard() == acknowledgement(1));  // his presence
  pair.bob->says("<message to='nobody@localhost'/><iq type='get' id='1'><none xmlns='x'/></iq><presence/>" +
                 acknowledgement(pair.base) + " \n" + std::string{request});
  CHECK(pair.bob->hears(acknowledgement(4)));
}

TEST_CASE("an h that is none, or too high, ends the stream") {
  for (const std::string_view a : {"<a xmlns='urn:xmpp:sm:3'/>", "<a xmlns='urn:xmpp:sm:3' h='one'/>",
                                   "<a xmlns='urn:xmpp:sm:3' h='-1'/>", "<a xmlns='urn:xmpp:sm:3' h='4294967296'/>"}) {
    ManagedPair pair;
    pair.bob->says(a);
    const std::string heard = pair.bob->heard();
    CHECK(contains(heard, "<policy-violation "));
    CHECK(contains(heard, "Invalid h attribute"));
  }
  ManagedPair pair;
  pair.alice.says(to_bob("one"));
  pair.bob->says(acknowledgement(pair.base + 2));
  CHECK(pair.bob->hears("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='" + std::to_string(pair.base + 2) +
                        "' send-count='" + std::to_string(pair.base + 1) + "'/>"));
}

TEST_CASE("the counters go on at zero behind 2^32 - 1 (XEP-0198 §4)") {
  ManagedPair pair;
  Session& bob = session_of_bob(pair);
  bob.management->restore({.handled = UINT32_MAX, .sent = UINT32_MAX - 1, .acknowledged = UINT32_MAX - 1});
  pair.alice.says(to_bob("one") + to_bob("two") + to_bob("three"));
  CHECK(bob.management->sent_count() == 1);
  CHECK(bob.management->unacknowledged().size() == 3);
  pair.bob->says(acknowledgement(UINT32_MAX));
  CHECK(bob.management->unacknowledged().size() == 2);
  pair.bob->says(acknowledgement(1));
  CHECK(bob.management->unacknowledged().empty());
  pair.bob->heard();
  pair.bob->says("<presence/>" + std::string{request});
  CHECK(pair.bob->hears(acknowledgement(0)));
}

TEST_CASE("who does not acknowledge is ended after a grace, and its messages go on") {
  ManagedPair pair{enable, 1, {.buffer_max = 3}};
  StreamClient desk{pair.server};
  desk.logs_in("bob", "desk");
  for (const char* text : {"one", "two", "three", "four"}) pair.alice.says(to_bob(text));
  desk.says("<presence/>");
  pair.server.passes(4s);
  CHECK(pair.server.sessions() == 3);
  desk.heard();
  pair.server.passes(2s);
  CHECK(pair.server.sessions() == 2);
  CHECK(pair.bob->hears("<resource-constraint "));
  const std::string heard = desk.heard();
  CHECK(heard.find("one") < heard.find("two"));
  CHECK(heard.find("three") < heard.find("four"));
  CHECK(count_of(heard, "<body>") == 4);
}

TEST_CASE("who has much to acknowledge and does is served on") {
  ManagedPair pair{enable, 1, {.buffer_max = 3}};
  for (int i = 0; i < 40; ++i) pair.alice.says(to_bob("again"));
  for (std::uint32_t h = 1; h <= 8; ++h) {
    pair.server.passes(4s);
    pair.bob->says(acknowledgement(pair.base + (4 * h)));
  }
  pair.server.passes(6s);
  pair.server.passes(6s);
  CHECK(pair.server.sessions() == 1);
  CHECK(pair.bob->hears("<resource-constraint "));
  ManagedPair other{enable, 1, {.buffer_max = 3}};
  for (int i = 0; i < 40; ++i) other.alice.says(to_bob("again"));
  other.bob->says(acknowledgement(other.base + 40));
  other.server.passes(20s);
  CHECK(other.server.sessions() == 2);
}

TEST_CASE("a request that nobody took is answered, presence is dropped") {
  ManagedPair pair;
  pair.alice.says("<iq type='get' id='q' to='bob@localhost/phone'><ping xmlns='urn:xmpp:ping'/></iq>");
  pair.bob->hangs_up();
  CHECK(pair.alice.heard().empty());
  pair.server.passes(601s);
  const std::string answer = pair.alice.heard();
  CHECK(contains(answer, "id='q'"));
  CHECK(contains(answer, "<service-unavailable "));
}

TEST_CASE("N reconnects never make copies: no growth to 2^n") {
  ManagedPair pair;
  pair.alice.says(to_bob("only"));
  for (int i = 0; i < 6; ++i) {
    pair.bob->hangs_up();
    pair.bob = std::make_unique<StreamClient>(pair.server);
    pair.bob->says(resuming_login("bob", pair.id, pair.base));
    CHECK(count_of(pair.bob->heard(), "<body>only") == 1);
  }
  // Nor when each of them ends and the message goes from one to the next.
  std::vector<std::unique_ptr<StreamClient>> devices;
  for (const char* name : {"a", "b", "c", "d"}) {
    devices.push_back(std::make_unique<StreamClient>(pair.server));
    devices.back()->logs_in("bob", name);
    devices.back()->says(std::string{enable} + "<presence/>");
  }
  pair.bob->hangs_up();
  pair.server.passes(601s);
  for (auto& device : devices) device->hangs_up();
  StreamClient last{pair.server};
  last.logs_in("bob", "last");
  last.says("<presence/>");
  last.heard();
  pair.server.passes(601s);
  CHECK(count_of(last.heard(), "<body>only") == 1);
}

TEST_CASE("while a client is away the newest presence of each is kept") {
  ManagedPair pair;
  pair.bob->hangs_up();
  for (const char* show : {"away", "xa", "dnd"})
    pair.alice.says("<presence to='bob@localhost/phone'><show>" + std::string{show} + "</show></presence>");
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base));
  const std::string heard = again.heard();
  CHECK(count_of(heard, "<show>") == 1);
  CHECK(contains(heard, "<show>dnd</show>"));
  again.says(acknowledgement(pair.base + 1));
  CHECK_FALSE(again.hears("stream:error"));
}

TEST_CASE("without a buffer nothing is sent twice, and nothing that came meanwhile is lost") {
  ManagedPair pair{enable, 1, {.buffer = false}};
  pair.alice.says(to_bob("seen"));
  pair.bob->heard();
  pair.bob->says(acknowledgement(pair.base + 1));
  pair.bob->hangs_up();
  pair.alice.says(to_bob("meanwhile"));
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 1));
  const std::string heard = again.heard();
  CHECK_FALSE(contains(heard, "<body>seen"));
  CHECK(count_of(heard, "<body>meanwhile") == 1);
}

TEST_CASE("every message that waits for a client that is away is told of") {
  struct Push {
    int waiting = 0;
    Verdict waits(MessageUnacknowledged&) { return ++waiting, Verdict::next(); }
  } push;
  ManagedPair pair;
  pair.server.on_all_hosts([&](HostType& host) { host.hooks.on<&Push::waits>(push); });
  pair.alice.says(to_bob("one"));
  CHECK(push.waiting == 0);
  pair.bob->hangs_up();
  CHECK(push.waiting == 1);
  pair.alice.says(to_bob("two"));
  CHECK(push.waiting == 2);
}

TEST_CASE("without a buffer what h acknowledges at the resume is not sent again, and counts once") {
  ManagedPair pair{enable, 1, {.buffer = false}};
  pair.alice.says(to_bob("seen"));
  CHECK(pair.bob->hears("seen"));
  pair.bob->hangs_up();
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base + 1));
  const std::string heard = again.heard();
  CHECK(contains(heard, "<resumed "));
  CHECK_FALSE(contains(heard, "<body>seen"));
  CHECK(pair.sent_to_bob() == pair.base + 1);
}

TEST_CASE("who resumes within the grace has time to acknowledge") {
  ManagedPair pair{enable, 1, {.buffer_max = 3}};
  pair.bob->hangs_up();
  for (const char* text : {"one", "two", "three", "four"}) pair.alice.says(to_bob(text));
  pair.server.passes(4900ms);
  StreamClient again{pair.server};
  again.says(resuming_login("bob", pair.id, pair.base));
  CHECK(again.hears("four"));
  pair.server.passes(200ms);
  CHECK(pair.server.sessions() == 2);
  pair.server.passes(5s);
  CHECK(pair.server.sessions() == 1);
}

TEST_CASE("when memory is short, sessions that hold much for clients that are away end") {
  ManagedPair pair;
  pair.bob->hangs_up();
  for (int i = 0; i < 4; ++i) pair.alice.says(to_bob(std::string(40'000, 'x')));
  pair.server.workers[0].adopt_thread();
  CHECK(pair.server.services[0]->shed(1'000) == 1);
  pair.server.turn();
  CHECK(pair.server.sessions() == 1);
}
