// SPDX-License-Identifier: Apache-2.0
// What is counted of a dialogue whose every element is known.
#include <doctest/doctest.h>

#include "core/test_metrics.h"
#include "streams/test_managed_streams.h"

using namespace meerkat;

namespace {

// How much more there is of everything than before.
class Since {
 public:
  explicit Since(const StreamServer& server) : server_(server), before_(read()) {}
  std::int64_t in(std::string_view measurement) const { return of("xmpp_element_in", measurement); }
  std::int64_t out(std::string_view measurement) const { return of("xmpp_element_out", measurement); }
  std::int64_t nameless_out(std::string_view measurement) const {
    return counted(server_.metrics, "xmpp_element_out", measurement, "");
  }
  std::uint64_t bytes_in() const { return read().in - before_.in; }
  std::uint64_t bytes_out() const { return read().out - before_.out; }
  std::uint64_t data_in() const { return read().data_in - before_.data_in; }
  std::uint64_t data_out() const { return read().data_out - before_.data_out; }

 private:
  struct Bytes {
    std::uint64_t in, out, data_in, data_out;
  };
  Bytes read() const {
    const metrics::Registry& all = server_.metrics;
    return {recorded(all, "xmpp_element_in", "byte_size"), recorded(all, "xmpp_element_out", "byte_size"),
            static_cast<std::uint64_t>(counted(all, "tcp_data_in", "byte_size")),
            static_cast<std::uint64_t>(counted(all, "tcp_data_out", "byte_size"))};
  }
  std::int64_t of(std::string_view event, std::string_view measurement) const {
    return counted(server_.metrics, event, measurement, "localhost");
  }

  const StreamServer& server_;
  const Bytes before_;
};

}  // namespace

TEST_CASE("a login is counted element by element, and all its bytes") {
  StreamServer server;
  server.add_account("alice");
  StreamClient alice{server};
  const std::string login = whole_login("alice");

  alice.says(login);
  const std::string heard = alice.heard();

  const Since start{server};
  // <auth/> and the request; two times features, <success/> and the result.
  CHECK(start.in("count") == 2);
  CHECK(start.in("stanza_count") == 1);
  CHECK(start.in("iq_count") == 1);
  CHECK(start.out("count") == 4);
  CHECK(start.out("iq_count") == 1);
  CHECK(start.out("error_count") == 0);
  CHECK(counted(server.metrics, "tcp_data_in", "byte_size") == static_cast<std::int64_t>(login.size()));
  CHECK(counted(server.metrics, "tcp_data_out", "byte_size") == static_cast<std::int64_t>(heard.size()));
  // Stream headers are no elements.
  CHECK(recorded(server.metrics, "xmpp_element_in", "byte_size") == login.size() - 2 * stream_header.size());
}

TEST_CASE("stanzas are counted where they come in and where they go out, errors by themselves") {
  StreamServer server{2};
  StreamClient alice{server}, bob{server, 1};
  alice.logs_in("alice");
  bob.logs_in("bob");
  bob.says("<presence/>");
  bob.heard();
  const Since start{server};
  const std::int64_t in = start.in("count"), out = start.out("count");

  const std::string message = to_bob("one");
  alice.says(message + message);
  const std::string error = "<message to='bob@localhost/phone' type='error' id='7'/>";
  alice.says(error);
  alice.says("<iq type='get' id='1'><query xmlns='urn:example:nobody'/></iq>");
  alice.says("<presence to='bob@localhost/phone'/>");

  const std::string to_alice = alice.heard(), to_bob = bob.heard();
  CHECK(start.in("count") - in == 5);
  CHECK(start.in("message_count") == 2);
  CHECK(start.in("message_error_count") == 1);
  CHECK(start.in("error_count") == 1);
  CHECK(start.in("presence_count") == 2);
  CHECK(start.out("count") - out == 5);
  CHECK(start.out("message_count") == 2);
  CHECK(start.out("message_error_count") == 1);
  CHECK(start.out("iq_error_count") == 1);
  CHECK(start.out("error_count") == 2);
  CHECK(start.data_in() == start.bytes_in());
  CHECK(start.bytes_out() == to_alice.size() + to_bob.size());
  CHECK(start.data_out() == start.bytes_out());
}

TEST_CASE("only messages are timed, those that had to wait as well") {
  struct Slow {
    Gate gate;
    Task<Verdict> asked(UserSendsMessage&) {
      co_await gate;
      co_return Verdict::next();
    }
  } slow;
  StreamServer server;
  StreamClient alice{server};
  alice.logs_in("alice");
  alice.says("<presence/>");
  alice.says(to_bob("nobody is there"));
  CHECK(times_recorded(server.metrics, "c2s_message_processed", "time") == 1);

  server.on_all_hosts([&](HostType& host) { host.hooks.on<&Slow::asked>(slow); });
  alice.says(to_bob("wait"));
  CHECK(times_recorded(server.metrics, "c2s_message_processed", "time") == 1);
  server.clock.advance(std::chrono::milliseconds{3});
  slow.gate.open();
  server.turn();

  CHECK(times_recorded(server.metrics, "c2s_message_processed", "time") == 2);
  CHECK(recorded(server.metrics, "c2s_message_processed", "time") == 3000);
}

TEST_CASE("what stream management says is counted, and is no stanza") {
  ManagedPair pair;
  pair.bob->heard();
  const Since start{pair.server};
  const std::int64_t in = start.in("count"), out = start.out("count"), stanzas = start.out("stanza_count");

  pair.bob->says("<r xmlns='urn:xmpp:sm:3'/>");
  pair.bob->says("<enable xmlns='urn:xmpp:sm:3'/>");

  // <a/>, <failed/>, <a/> and the stream error.
  const std::string heard = pair.bob->heard();
  CHECK(start.in("count") - in == 2);
  CHECK(start.out("count") - out == 4);
  CHECK(start.out("stanza_count") == stanzas);
  CHECK(start.out("error_count") == 1);
  CHECK(start.bytes_out() == heard.size() - std::string_view{"</stream:stream>"}.size());
}

TEST_CASE("an error before anybody has named a host belongs to none") {
  StreamServer server;
  StreamClient stranger{server};

  stranger.says(
      "<stream:stream to='elsewhere.example' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>");

  CHECK(stranger.hears("host-unknown"));
  const Since start{server};
  CHECK(start.nameless_out("count") == 1);
  CHECK(start.nameless_out("error_count") == 1);
  CHECK(start.out("count") == 0);
}

TEST_CASE("how connections of sessions end is counted as the hooks of MongooseIM") {
  StreamServer server;
  const auto hook = [&](std::string_view name) {
    return counted(server.metrics, "hook_" + std::string{name}, "count", "localhost");
  };
  {
    StreamClient stranger{server};
    stranger.says(stream_header);
  }
  CHECK(hook("user_socket_closed") == 0);
  StreamClient alice{server}, bob{server};
  alice.logs_in("alice");
  bob.logs_in("bob");
  CHECK(hook("user_open_session") == 2);
  CHECK(hook("c2s_stream_features") == 5);
  alice.says("</stream:stream>");
  alice.hangs_up();
  CHECK(hook("user_socket_closed") == 0);
  CHECK(hook("user_terminate") == 1);

  bob.hangs_up();

  CHECK(hook("user_socket_closed") == 1);
  CHECK(hook("user_socket_error") == 0);
  CHECK(hook("user_terminate") == 2);
  CHECK(hook("forbidden_session") == 0);
}

TEST_CASE("who takes its session up elsewhere stops the connection that it had") {
  ManagedPair pair;
  const auto hook = [&](std::string_view name) {
    return counted(pair.server.metrics, "hook_" + std::string{name}, "count", "localhost");
  };
  const std::int64_t nonzas = hook("user_send_xmlel");
  StreamClient again{pair.server};

  again.says(resuming_login("bob", pair.id, pair.sent_to_bob()));

  CHECK(again.hears("<resumed"));
  CHECK(hook("user_stop_request") == 1);
  CHECK(hook("user_socket_closed") == 0);
  again.says("<r xmlns='urn:xmpp:sm:3'/>");
  CHECK(hook("user_send_xmlel") == nonzas + 1);
}
