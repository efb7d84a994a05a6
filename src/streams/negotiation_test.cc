// SPDX-License-Identifier: Apache-2.0
// Every way into the server, and every way it ends before it is one.
#include "streams/negotiation.h"

#include <doctest/doctest.h>

#include "core/events/stream_events.h"
#include "streams/test_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view bound_as_alice = "<jid>alice@localhost/phone</jid></bind></iq>";

std::string between(std::string_view text, std::string_view before, std::string_view behind) {
  const auto begin = text.find(before);
  REQUIRE(begin != std::string_view::npos);
  const auto from = begin + before.size();
  return std::string{text.substr(from, text.find(behind, from) - from)};
}

// SCRAM-SHA-1 without channel binding, RFC 5802 §3, up to the server's last word.
void proves_by_scram(StreamClient& client, const std::string& user) {
  const std::string first = "n=" + user + ",r=nonce";
  client.says("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>" + base64("n,," + first) +
              "</auth>");
  const std::string challenge = *from_base64(between(client.heard(), "xmpp-sasl'>", "</challenge>"));
  const std::string last = "c=biws,r=" + between(challenge, "r=", ",");
  const std::string salt = *from_base64(between(challenge, "s=", ","));
  const std::string message = first + "," + challenge + "," + last;
  const Digest salted = salted_password(ScramHash::sha1, "secret", salt, 1);
  const Digest client_key = hmac(ScramHash::sha1, salted.view(), "Client Key");
  const Digest signature = hmac(ScramHash::sha1, digest_of(ScramHash::sha1, client_key.view()).view(), message);
  std::string proof = client_key.text();
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature.bytes[i]);
  client.says("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + base64(last + ",p=" + base64(proof)) +
              "</response>");
  const Digest server_key = hmac(ScramHash::sha1, salted.view(), "Server Key");
  CHECK(client.heard() == "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" +
                              base64("v=" + base64(hmac(ScramHash::sha1, server_key.view(), message).view())) +
                              "</success>");
}

std::string failure(std::string_view condition) {
  return "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><" + std::string{condition} + "/></failure>";
}

// Who holds back an answer to a stranger.
struct Registrar {
  Gate gate;
  Task<Verdict> asked(StrangerAsks& event) {
    co_await gate;
    event.reply = IqReply::empty();
    co_return Verdict::stop();
  }
};

}  // namespace

TEST_CASE("a login that comes byte by byte ends with a bound resource") {
  StreamServer server{2};
  server.add_account("alice");
  StreamClient client{server};

  client.says_byte_by_byte(whole_login("alice"));

  CHECK(ends_with(client.heard(), bound_as_alice));
  CHECK(server.sessions() == 1);
}

TEST_CASE("a whole login in one write is served to its end, and so are the stanzas behind it") {
  for (const std::size_t worker : {0, 1}) {
    StreamServer server{2};
    server.add_account("alice");
    StreamClient client{server, worker};

    client.says(whole_login("alice") + "<message to='alice@localhost/phone' id='1'/>\n<message to='alice@localhost/");
    client.says("phone' id='2'/>");

    const std::string heard = client.heard();
    CHECK(contains(heard, bound_as_alice));
    CHECK(ends_with(heard,
                    "<message from='alice@localhost/phone' to='alice@localhost/phone' id='1'/>"
                    "<message from='alice@localhost/phone' to='alice@localhost/phone' id='2'/>"));
  }
}

TEST_CASE("the server's header and features come before anything else is asked for") {
  StreamServer server;
  StreamClient client{server};

  client.says(stream_header);

  const std::string heard = client.heard();
  CHECK(
      heard.starts_with("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                        "xmlns:stream='http://etherx.jabber.org/streams' id='"));
  CHECK(contains(heard, " from='localhost' version='1.0' xml:lang='en'><stream:features><mechanisms "));
  CHECK(ends_with(heard, "</stream:features>"));
}

TEST_CASE("who has logged in by SCRAM goes on at the home of the account") {
  StreamServer server{2};
  const std::string user = server.user_at_home_on(1);
  StreamClient client{server, 0};
  client.says(stream_header);
  client.heard();
  CHECK(server.services[0]->streams() == 1);

  proves_by_scram(client, user);
  CHECK(server.services[0]->streams() == 0);
  CHECK(server.services[1]->streams() == 1);
  client.says(std::string{stream_header} + bind_request());

  CHECK(client.hears("<jid>" + user + "@localhost/phone</jid>"));
  CHECK(server.halls[1]->sessions.size() == 1);
}

TEST_CASE("a connection that breaks at any byte of the negotiation leaves nothing behind") {
  for (const std::size_t workers : {1, 2}) {
    StreamServer server{workers};
    const std::string login = whole_login(server.user_at_home_on(workers - 1));
    for (std::size_t cut = 0; cut <= login.size(); cut += 7) {
      const std::size_t until = std::min(cut, login.size());
      StreamClient breaks{server};
      breaks.says(login.substr(0, until));
      CHECK(server.streams() == 1);

      breaks.hangs_up();

      CHECK(server.streams() == 0);
      CHECK(server.sessions() == 0);
    }
  }
}

TEST_CASE("a client that ends its stream while it negotiates hears the end of ours") {
  StreamServer server;
  StreamClient client{server};
  client.says(stream_header);
  client.heard();

  client.says("</stream:stream>");

  CHECK(client.heard() == "</stream:stream>");
  CHECK(client.is_at_end());
  client.hangs_up();
  CHECK(server.streams() == 0);
}

TEST_CASE("at every step a client has its time and no more, wherever its home is") {
  for (const std::size_t home : {0, 1}) {
    StreamServer server{2};
    const std::string user = server.user_at_home_on(home);
    const std::vector<std::string> steps{std::string{stream_header}, plain_auth(user), std::string{stream_header}};
    for (std::size_t taken = 0; taken <= steps.size(); ++taken) {
      StreamClient client{server};
      for (std::size_t i = 0; i < taken; ++i) client.says(steps[i]);
      client.heard();

      server.passes(4s);
      CHECK_FALSE(client.is_at_end());
      server.passes(2s);

      CHECK(client.hears("<connection-timeout "));
      CHECK(client.is_at_end());
      server.passes(3s);
      CHECK(server.streams() == 0);
    }
  }
}

TEST_CASE("a client that dawdles within a step does not win time by it") {
  StreamServer server;
  StreamClient client{server};
  client.says(stream_header);

  client.says("<auth ");
  server.passes(4s);
  client.says("xmlns='urn:ietf:params:xml:ns:xmpp-sasl' ");
  server.passes(2s);

  CHECK(client.hears("<connection-timeout "));
}

TEST_CASE("who is bound may be silent for as long as they like") {
  StreamServer server{2};
  StreamClient client{server};
  client.logs_in("alice");

  server.passes(24h);

  CHECK_FALSE(client.is_at_end());
  CHECK(server.sessions() == 1);
}

TEST_CASE("a wrong password may be followed by the right one") {
  StreamServer server;
  server.add_account("alice");
  StreamClient client{server};
  client.says(stream_header);
  client.heard();

  client.says(plain_auth("alice", "wrong"));
  CHECK(client.heard() == failure("not-authorized"));
  client.says(plain_auth("nobody"));
  CHECK(client.heard() == failure("not-authorized"));
  client.says(plain_auth("alice") + std::string{stream_header} + bind_request());

  CHECK(ends_with(client.heard(), bound_as_alice));
}

TEST_CASE("guessing passwords ends the stream") {
  StreamServer server;
  server.add_account("alice");
  StreamClient client{server};
  client.says(stream_header);

  for (int i = 0; i < 4; ++i) client.says(plain_auth("alice", "wrong"));

  CHECK(client.hears("<policy-violation "));
  CHECK(client.is_at_end());
}

TEST_CASE("a broken store ends the stream, and nothing else") {
  StreamServer server;
  server.add_account("alice");
  server.accounts.memory.broken = true;
  StreamClient client{server};

  client.says(whole_login("alice"));

  const std::string heard = client.heard();
  CHECK_FALSE(contains(heard, "<success"));
  CHECK(client.is_at_end());
  client.hangs_up();
  CHECK(server.streams() == 0);
}

TEST_CASE("a client that is gone when the store answers at last leaves nothing behind") {
  for (const std::size_t home : {0, 1}) {
    StreamServer server{2};
    Gate gate;
    server.accounts.gate = &gate;
    const std::string login = whole_login(server.user_at_home_on(home));
    StreamClient client{server};
    client.says(login);
    CHECK_FALSE(client.hears("<success"));

    client.hangs_up();
    CHECK(server.streams() == 1);
    server.workers[0].adopt_thread();
    gate.open();
    server.turn();

    CHECK(server.streams() == 0);
    CHECK(server.sessions() == 0);
  }
}

TEST_CASE("a store that answers too late finds the stream closed") {
  StreamServer server{2};
  Gate gate;
  server.accounts.gate = &gate;
  const std::string user = server.user_at_home_on(1);
  StreamClient client{server};
  client.says(whole_login(user));

  server.passes(6s);
  CHECK(client.hears("<connection-timeout "));
  server.workers[0].adopt_thread();
  gate.open();
  server.turn();
  CHECK_FALSE(client.hears("<success"));
  server.passes(3s);

  CHECK(server.streams() == 0);
  CHECK(server.sessions() == 0);
}

TEST_CASE("a stranger's question waits for its answer, and what follows waits behind it") {
  StreamServer server;
  server.add_account("alice");
  Registrar registrar;
  server.on_all_hosts([&](HostType& host) { host.hooks.on<&Registrar::asked>(registrar); });
  StreamClient client{server};
  client.says(stream_header);
  client.heard();

  client.says("<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>" + plain_auth("alice"));
  CHECK(client.heard().empty());
  registrar.gate.open();
  server.turn();

  CHECK(client.heard() ==
        "<iq from='localhost' type='result' id='r'/><success "
        "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

TEST_CASE("a stranger who asks and hangs up before the answer leaves nothing behind") {
  StreamServer server;
  Registrar registrar;
  server.on_all_hosts([&](HostType& host) { host.hooks.on<&Registrar::asked>(registrar); });
  StreamClient client{server};
  client.says(std::string{stream_header} + "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>");

  client.hangs_up();
  registrar.gate.open();
  server.turn();

  CHECK(server.streams() == 0);
}

TEST_CASE("who sends ahead without end before login is not read any further") {
  StreamServer server;
  Gate gate;
  server.accounts.gate = &gate;
  server.add_account("alice");
  StreamClient client{server};
  client.says(std::string{stream_header} + plain_auth("alice"));

  const std::string ahead(8 * 1024 * 1024, ' ');

  CHECK(client.says_if_there_is_room(ahead) < 1024 * 1024);
  gate.open();
  server.turn();
  CHECK(client.hears("<success "));
}

TEST_CASE("the newest of two logins with the same resource stays, and the other hears why it goes") {
  StreamServer server{2};
  StreamClient first{server, 0};
  first.logs_in("alice");
  StreamClient second{server, 1};

  second.logs_in("alice");

  CHECK(first.hears("<conflict "));
  CHECK(first.is_at_end());
  CHECK(server.sessions() == 1);
  second.says("<message to='alice@localhost/phone' id='1'/>");
  CHECK(second.hears("id='1'"));
}

TEST_CASE("one session too many ends the oldest") {
  StreamServer server{1};
  server.halls[0]->host_of("localhost")->access =
      std::make_shared<const AccessRules>(AccessTables{.acl = {}, .access = {{"max_user_sessions", {{"all", 2}}}}});
  StreamClient one{server}, two{server}, three{server};
  one.logs_in("alice", "one");
  two.logs_in("alice", "two");

  three.logs_in("alice", "three");

  CHECK(one.hears("<conflict "));
  CHECK_FALSE(two.is_at_end());
  CHECK(server.sessions() == 2);
}

TEST_CASE("a server that goes down tells everybody, whatever they were doing") {
  StreamServer server{2};
  StreamClient silent{server}, greeted{server}, bound{server};
  greeted.says(stream_header);
  greeted.heard();
  bound.logs_in("alice");

  server.shut_down();

  CHECK(silent.hears("<system-shutdown "));
  CHECK(ends_with(greeted.heard(), "</stream:error></stream:stream>"));
  CHECK(bound.hears("<system-shutdown "));
  CHECK(bound.is_at_end());
  CHECK(server.sessions() == 0);
  server.passes(3s);
  CHECK(server.streams() == 0);
}

TEST_CASE("who moves to a worker that goes down is told there") {
  StreamServer server{2};
  const std::string user = server.user_at_home_on(1);
  StreamClient client{server, 0};
  client.says(stream_header);
  client.heard();
  server.workers[1].adopt_thread();
  server.services[1]->shut_down();

  client.says(plain_auth(user));

  CHECK(client.hears("<system-shutdown "));
  CHECK(client.is_at_end());
}
