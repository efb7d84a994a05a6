// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "streams/test_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// Keeps messages with <slow/> waiting until the gate opens, and notes the end of sessions.
struct Archive {
  Gate gate;
  int sessions_ended = 0;

  void joins(StreamServer& server) {
    server.on_all_hosts([this](HostType& host) {
      host.hooks.on<&Archive::sends>(*this);
      host.hooks.on<&Archive::ends>(*this);
    });
  }
  Answer<Verdict> sends(UserSendsMessage& event) {
    if (!contains(event.context.stanza.body->inner(), "<slow")) return Verdict::next();
    return wait();
  }
  Task<Verdict> wait() {
    co_await gate;
    co_return Verdict::next();
  }
  Verdict ends(SessionEnds&) {
    ++sessions_ended;
    return Verdict::next();
  }
};

// Opens the gate where the waiting stream lives.
void opens(StreamServer& server, Gate& gate) {
  server.workers[0].adopt_thread();
  gate.open();
  server.turn();
}

std::string to_bob(std::string_view content, std::string_view id = "1") {
  return "<message to='bob@localhost/phone' id='" + std::string{id} + "'>" + std::string{content} + "</message>";
}
std::string from_alice(std::string_view content, std::string_view id = "1") {
  return "<message from='alice@localhost/phone' to='bob@localhost/phone' id='" + std::string{id} + "'>" +
         std::string{content} + "</message>";
}

struct Pair {
  explicit Pair(std::size_t workers = 1) : server(workers), alice(server), bob(server) {
    alice.logs_in("alice");
    bob.logs_in("bob");
  }
  // The archive outlives the server, whose streams end with it.
  explicit Pair(Archive& archive) : Pair() { archive.joins(server); }

  StreamServer server;
  StreamClient alice, bob;
};

// As with logs_in, with a header of its own.
void logs_in_with(StreamServer& server, StreamClient& client, std::string_view header) {
  server.add_account("alice");
  client.says(std::string{stream_header} + plain_auth("alice") + std::string{header} + bind_request());
  REQUIRE(client.hears("alice@localhost/phone</jid>"));
}

}  // namespace

TEST_CASE("a stanza arrives however it is cut into pieces") {
  Pair pair{2};
  const std::string message = to_bob("<body>'&lt;>\xF0\x9F\x98\x80</body>");

  for (std::size_t cut = 1; cut < message.size(); cut += 5) {
    pair.alice.says(message.substr(0, cut));
    pair.alice.says(message.substr(cut));
  }
  pair.alice.says_byte_by_byte(message);

  std::string expected;
  for (std::size_t cut = 1; cut < message.size(); cut += 5)
    expected += from_alice("<body>'&lt;>\xF0\x9F\x98\x80</body>");
  CHECK(pair.bob.heard() == expected + from_alice("<body>'&lt;>\xF0\x9F\x98\x80</body>"));
}

TEST_CASE("what follows a stanza that waits for a handler waits behind it, and is not read any further") {
  Archive archive;
  Pair pair{archive};

  pair.alice.says(to_bob("<slow/>", "1") + to_bob("", "2"));
  pair.alice.says(to_bob("<slow/>", "3"));
  CHECK(pair.bob.heard().empty());
  CHECK(pair.alice.says_if_there_is_room(std::string(4 * 1024 * 1024, ' ')) < 1024 * 1024);
  opens(pair.server, archive.gate);

  const std::string heard = pair.bob.heard();
  CHECK(heard.find("id='1'") < heard.find("id='2'"));
  CHECK(heard.find("id='2'") < heard.find("id='3'"));
  CHECK(contains(heard, "id='3'"));
}

TEST_CASE("only the sender waits for a handler of theirs") {
  Archive archive;
  Pair pair{archive};
  pair.alice.says(to_bob("<slow/>"));

  pair.bob.says("<message to='alice@localhost/phone' id='2'/>");

  CHECK(pair.alice.hears("id='2'"));
  CHECK_FALSE(pair.bob.hears("id='1'"));
  opens(pair.server, archive.gate);
  CHECK(pair.bob.hears("id='1'"));
}

TEST_CASE("a stream that is closed while a handler waits goes when the handler has answered") {
  Archive archive;
  Pair pair{archive};
  pair.alice.says(to_bob("<slow/>") + to_bob("", "2"));

  pair.alice.hangs_up();
  CHECK(pair.server.sessions() == 1);
  CHECK(archive.sessions_ended == 1);
  CHECK(pair.server.streams() == 2);
  opens(pair.server, archive.gate);

  CHECK(pair.server.streams() == 1);
  CHECK(archive.sessions_ended == 1);
}

TEST_CASE("a session that is replaced while a handler waits leaves the new one alone") {
  Archive archive;
  Pair pair{archive};
  pair.alice.says(to_bob("<slow/>"));
  StreamClient again{pair.server};

  again.logs_in("alice");
  CHECK(pair.alice.hears("<conflict "));
  opens(pair.server, archive.gate);
  pair.alice.hangs_up();

  CHECK(pair.server.streams() == 2);
  again.says(to_bob("", "2"));
  CHECK(pair.bob.hears("id='2'"));
}

TEST_CASE("a server that goes down while a handler waits is not held up by it for ever") {
  Archive archive;
  Pair pair{archive};
  pair.alice.says(to_bob("<slow/>"));

  pair.server.shut_down();
  CHECK(pair.alice.hears("<system-shutdown "));
  opens(pair.server, archive.gate);
  pair.server.passes(3s);

  CHECK(pair.server.streams() == 0);
}

TEST_CASE("a stanza that uses prefixes of its stream header stands alone when it leaves") {
  StreamServer server;
  StreamClient alice{server}, bob{server};
  logs_in_with(server, alice,
               "<stream:stream to='localhost' xmlns='jabber:client' xmlns:x='urn:x' "
               "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>");
  bob.logs_in("bob");

  alice.says(to_bob("<x:y x:a='b'/><stream:z/>"));

  const std::string heard = bob.heard();
  CHECK(contains(heard, "'urn:x'"));
  CHECK(contains(heard, "'http://etherx.jabber.org/streams'"));
  xml::Parser parser;
  CHECK(parser.parse(heard, xml::StreamScope::client(), xml::Limits{}).has_value());
}

TEST_CASE("the language of the stream header goes along with stanzas that name none") {
  StreamServer server;
  StreamClient alice{server}, bob{server};
  logs_in_with(server, alice,
               "<stream:stream to='localhost' xmlns='jabber:client' xml:lang='de' "
               "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>");
  bob.logs_in("bob");

  alice.says(to_bob("", "1") + "<message to='bob@localhost/phone' id='2' xml:lang='fr'/>");

  CHECK(bob.heard() ==
        "<message from='alice@localhost/phone' to='bob@localhost/phone' id='1' xml:lang='de'/>"
        "<message from='alice@localhost/phone' to='bob@localhost/phone' id='2' xml:lang='fr'/>");
}

TEST_CASE("an empty recipient is no address, whoever was written to before") {
  Pair pair;

  pair.alice.says("<iq type='get' id='1' to=''><q xmlns='urn:q'/></iq>");
  const std::string first = pair.alice.heard();
  pair.alice.says(to_bob("") + "<iq type='get' id='1' to=''><q xmlns='urn:q'/></iq>");

  CHECK(contains(first, "<jid-malformed "));
  CHECK(pair.alice.heard() == first);
}

TEST_CASE("who speaks in somebody else's name is cut off") {
  Pair pair;

  pair.alice.says("<message from='bob@localhost' to='bob@localhost/phone'/>");

  CHECK(pair.alice.hears("<invalid-from "));
  CHECK(pair.alice.is_at_end());
  CHECK(pair.bob.heard().empty());
}

TEST_CASE("who speaks in their own name, with or without resource, is heard") {
  Pair pair;

  pair.alice.says("<message from='alice@localhost' to='bob@localhost/phone' id='1'/>");
  pair.alice.says("<message from='Alice@LOCALHOST/phone' to='bob@localhost/phone' id='2'/>");

  CHECK(pair.bob.heard() ==
        "<message from='alice@localhost/phone' to='bob@localhost/phone' id='1'/>"
        "<message from='alice@localhost/phone' to='bob@localhost/phone' id='2'/>");
}

TEST_CASE("a message with as many namespaces as are allowed is refused politely") {
  for (const std::size_t workers : {1, 2}) {
    StreamServer server{workers};
    StreamClient alice{server};
    alice.logs_in(server.user_at_home_on(0));
    std::string declarations;
    for (int i = 0; i < 64; ++i) declarations += " xmlns:p" + std::to_string(i) + "='urn:" + std::to_string(i) + "'";

    alice.says("<message to='" + server.user_at_home_on(workers - 1) + "@localhost/nowhere' id='1'" + declarations +
               "/>");

    CHECK(alice.hears("<service-unavailable "));
    CHECK(server.sessions() == 1);
  }
}

TEST_CASE("a client that reads too slowly holds back who writes to it, until it has caught up") {
  for (const std::size_t workers : {1, 2}) {
    Pair pair{workers};
    const std::string large = to_bob("<body>" + std::string(60'000, 'x') + "</body>");

    std::size_t said = 0;
    while (pair.alice.says_if_there_is_room(large) == large.size() && said < 200) ++said;
    CHECK(said < 40);
    std::size_t heard = pair.bob.heard().size();
    pair.server.turn();
    heard += pair.bob.heard().size();

    CHECK(heard > said * 60'000);
    CHECK(pair.server.streams() == 2);
    CHECK_FALSE(pair.alice.is_at_end());
  }
}

TEST_CASE("a writer is not held for longer than a second, and a client beyond the bound is cut off") {
  Pair pair{2};
  const std::string large = to_bob("<body>" + std::string(60'000, 'x') + "</body>");
  // What is left of a stanza goes first.
  std::string rest;
  const auto says = [&] {
    if (rest.empty()) rest = large;
    rest.erase(0, pair.alice.says_if_there_is_room(rest));
    return rest.empty();
  };
  while (says()) continue;

  // Every second she may write a little.
  for (int i = 0; i < 600 && pair.server.sessions() == 2; ++i) {
    pair.server.passes(1100ms);
    says();
  }

  CHECK(pair.server.sessions() == 1);
  CHECK(pair.server.streams() == 1);
  pair.bob.heard();
  CHECK(pair.bob.is_at_end());
  pair.server.passes(1100ms);
  CHECK(pair.alice.hears("<service-unavailable "));
  CHECK_FALSE(pair.alice.is_at_end());
}

TEST_CASE("the end of a stream is answered, and stanzas before it still arrive") {
  Pair pair{2};

  pair.alice.says(to_bob("") + "</stream:stream>" + to_bob("", "late"));

  CHECK(pair.bob.heard() == "<message from='alice@localhost/phone' to='bob@localhost/phone' id='1'/>");
  CHECK(pair.alice.heard() == "</stream:stream>");
  CHECK(pair.alice.is_at_end());
  CHECK(pair.server.sessions() == 1);
}

TEST_CASE("the good-bye of a client that waited for a handler before is a sign that it has what came since") {
  Archive archive;
  Pair pair{archive};
  pair.alice.says(to_bob("<slow/>"));
  opens(pair.server, archive.gate);
  pair.bob.heard();
  pair.bob.says("<message to='alice@localhost/phone' id='2'/>");
  REQUIRE(pair.alice.hears("id='2'"));

  pair.alice.says("</stream:stream>");

  CHECK_FALSE(pair.bob.hears("error"));
}

TEST_CASE("what a client said while a handler of it waited is no sign that it has what came meanwhile") {
  Archive archive;
  Pair pair{archive};
  pair.alice.says(to_bob("<slow/>"));
  pair.alice.says("</stream:stream>");
  pair.bob.says("<message to='alice@localhost/phone' id='2'/>");

  opens(pair.server, archive.gate);

  CHECK(pair.bob.hears("service-unavailable"));
}

TEST_CASE("a client that does not close its side after goodbye is closed after a while") {
  Pair pair;
  pair.alice.says("</stream:stream>");
  pair.alice.heard();
  CHECK(pair.server.streams() == 2);

  pair.server.passes(3s);

  CHECK(pair.server.streams() == 1);
}

TEST_CASE("what only servers stamp is taken out when a client says it in their name") {
  Pair pair;
  const std::string forged[] = {
      "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2002-09-10T23:08:25Z'/>",
      "<delay xmlns='urn:xmpp:delay' from='LocalHost' stamp='2002-09-10T23:08:25Z'>Offline Storage</delay>",
      "<delay xmlns='urn:xmpp:delay' from='alice@localhost' stamp='2002-09-10T23:08:25Z'/>",
      "<delay xmlns='urn:xmpp:delay' from='bob@localhost/phone' stamp='2002-09-10T23:08:25Z'/>",
      "<d:delay xmlns:d='urn:xmpp:delay' from='local&#104;ost' stamp='2002-09-10T23:08:25Z'/>",
      "<x xmlns='jabber:x:delay' from='localhost' stamp='20020910T23:08:25'/>",
      "<stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost' id='1'/>",
      "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost/phone' id='1'/>",
      "<stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost/' id='1'/>",
      "<delay xmlns='urn:xmpp:delay' from='bob@localhost/' stamp='2002-09-10T23:08:25Z'/>"};
  for (const std::string& stamp : forged) {
    pair.alice.says(to_bob("<a/>" + stamp + "b" + stamp + "<c>" + stamp + "</c>"));

    CHECK(pair.bob.heard() == from_alice("<a/>b<c>" + stamp + "</c>"));
  }
}

TEST_CASE("stamps in one's own name and in that of strangers pass") {
  Pair pair;
  const std::string honest[] = {"<delay xmlns='urn:xmpp:delay' from='alice@localhost/phone' stamp='x'/>",
                                "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>",
                                "<delay xmlns='urn:xmpp:delay' from='room@far.example' stamp='x'/>",
                                "<stanza-id xmlns='urn:xmpp:sid:0' by='room@far.example' id='1'/>",
                                "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>",
                                "<delay xmlns='urn:elsewhere' from='localhost'/>"};
  for (const std::string& stamp : honest) {
    pair.alice.says(to_bob(stamp));

    CHECK(pair.bob.heard() == from_alice(stamp));
  }
}
