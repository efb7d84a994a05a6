// SPDX-License-Identifier: Apache-2.0
#include "core/stanza_trace.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<TraceLog> trace(TestServer& server, std::string_view address, std::chrono::seconds time = 300s) {
  const Jid of = *Jid::parse(address);
  auto log = std::make_shared<TraceLog>(
      TraceLog::Facts{.of = of, .by = "a test", .began = server.clock.wall(), .until = server.clock.steady() + time},
      server.clock.steady());
  server.home_of(of).traces.start(log);
  return log;
}

std::string all_of(TestServer& server, TraceLog& log, std::uint64_t after = 0) {
  constexpr std::string_view ways[] = {"< ", "> ", "* ", "* "};
  std::string text;
  for (const TracedStanza& line : log.read(after, 1000, server.clock.steady()))
    text += std::string{ways[static_cast<std::size_t>(line.way)]} + line.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("what goes to a traced account and comes from it is seen, and nothing of others") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  TestClient& carol = server.online("carol");
  const auto log = trace(server, "alice@localhost");

  alice.says("<message type='chat' to='bob@localhost' id='a'><body>hi</body></message>");
  bob.says("<message type='chat' to='alice@localhost' id='b'><body>hello</body></message>");
  carol.says("<message type='chat' to='bob@localhost' id='c'><body>psst</body></message>");

  CHECK(all_of(server, *log) ==
        "< <message type='chat' to='bob@localhost' id='a'><body>[2 bytes]</body></message>\n"
        "> <message from='bob@localhost/phone' to='alice@localhost' type='chat' id='b'><body>[5 bytes]</body>"
        "</message>\n");
  CHECK_FALSE(bob.session->traced);
}

TEST_CASE("a trace of one session does not show the others of the account") {
  TestServer server;
  server.online("alice", "phone");
  TestClient& desk = server.online("alice", "desk");
  TestClient& bob = server.online("bob");
  const auto log = trace(server, "alice@localhost/phone");

  bob.says("<message type='chat' to='alice@localhost/desk' id='1'/>");
  desk.says("<presence/>");
  bob.says("<message type='chat' to='alice@localhost/phone' id='2'/>");

  CHECK_FALSE(contains(all_of(server, *log), "id='1'"));
  CHECK(contains(all_of(server, *log), "id='2'"));
  CHECK_FALSE(desk.session->traced);
}

TEST_CASE("a session that begins while its account is traced is seen as well") {
  TestServer server;
  const auto log = trace(server, "alice@localhost");

  server.online("alice");

  CHECK(contains(all_of(server, *log), "< <presence>"));
}

TEST_CASE("a trace ends by itself when its time is up, and the sessions are left alone") {
  TestServer server;
  TestClient& alice = server.online("alice");
  const auto log = trace(server, "alice@localhost", 20s);
  server.passes(15s);
  CHECK(log->state().ended.empty());
  CHECK(alice.session->traced);
  all_of(server, *log);

  server.passes(6s);

  CHECK(log->state().ended == "its time is up");
  CHECK_FALSE(alice.session->traced);
  alice.says("<presence/>");
  CHECK(all_of(server, *log) == "* the trace has ended: its time is up\n");
}

TEST_CASE("a trace ends when nobody reads it any more") {
  TestServer server;
  const auto log = trace(server, "alice@localhost");
  server.passes(20s);
  all_of(server, *log);
  server.passes(20s);
  CHECK(log->state().ended.empty());

  server.passes(StanzaTraces::longest_unread);

  CHECK(log->state().ended == "nobody reads it");
}

TEST_CASE("a trace that is stopped ends at once, and another one of the same account goes on") {
  TestServer server;
  TestClient& alice = server.online("alice");
  const auto one = trace(server, "alice@localhost");
  const auto other = trace(server, "alice@localhost/phone");

  server.home_of(one->facts.of).traces.stop(*one, "it was stopped");
  server.home_of(one->facts.of).traces.stop(*one, "twice");

  CHECK(one->state().ended == "it was stopped");
  CHECK(alice.session->traced);
  CHECK(other->state().ended.empty());
}

TEST_CASE("of a flood a hundred stanzas a second are shown, and the others are counted") {
  TestServer server;
  TestClient& alice = server.online("alice");
  const auto log = trace(server, "alice@localhost");

  for (int i = 0; i < 250; ++i) alice.says("<message to='bob@localhost' type='headline'/>");
  CHECK(log->read(0, 1000, server.clock.steady()).size() == StanzaTraces::most_per_second);
  CHECK(log->state().seen == 250);
  CHECK(log->state().left_out == 150);

  server.passes(2s);
  alice.says("<message to='bob@localhost' type='headline'/>");
  CHECK(contains(all_of(server, *log, StanzaTraces::most_per_second), "* 150 more were left out\n< <message"));
}

TEST_CASE("what a trace remembers is bounded, and the oldest go") {
  TraceLog log{{.of = *Jid::parse("alice@localhost"), .by = {}, .began = {}, .until = {}}, {}};
  for (std::size_t i = 0; i < TraceLog::most_lines + 5; ++i)
    log.add({.when = {}, .way = TracedStanza::Way::in, .session = {}, .text = "x"});

  const auto lines = log.read(0, 5000, {});

  CHECK(lines.size() == TraceLog::most_lines);
  CHECK(lines.front().number == 6);
  CHECK(log.read(lines.back().number - 2, 5000, {}).size() == 2);
}
