// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/client_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "net/listener.h"
#include "runtime/workers.h"

using namespace meerkat;
using namespace meerkat::bench;
using namespace std::chrono_literals;

namespace {

const std::string header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "from='localhost' id='1' version='1.0'>";

std::string with_features(const std::string& features) {
  return header + "<stream:features>" + features + "</stream:features>";
}

const std::string offers_plain =
    with_features("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>");
const std::string offers_binding = with_features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
const std::string success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
const std::string bound =
    "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>bench0@localhost/";

// When the client has said `after`, the server says `then`.
struct Turn {
  std::string after;
  std::string then;
};

// Serves one client by its script, on a thread of its own; closes the connection at the end of the script.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Turn> script)
      : listening_(open_listening_socket({.ip = "127.0.0.1"}).value()),
        port_(port_of(listening_)),
        thread_([this, turns = std::move(script)] { serve(turns); }) {}
  ~ScriptedServer() {
    thread_.join();
    ::close(listening_);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve(const std::vector<Turn>& turns) const {
    pollfd comes{.fd = listening_, .events = POLLIN, .revents = 0};
    ::poll(&comes, 1, 10'000);
    const int client = ::accept4(listening_, nullptr, nullptr, 0);
    std::string heard;
    for (const Turn& turn : turns) {
      char bytes[1000];
      while (heard.find(turn.after) == std::string::npos) {
        const ssize_t count = ::recv(client, bytes, sizeof bytes, 0);
        if (count <= 0) break;
        heard.append(bytes, static_cast<std::size_t>(count));
      }
      heard.clear();
      // In two parts, each a segment of its own, so that elements are cut anywhere.
      const std::size_t half = turn.then.size() / 2;
      ::send(client, turn.then.data(), half, MSG_NOSIGNAL);
      ::send(client, turn.then.data() + half, turn.then.size() - half, MSG_NOSIGNAL);
    }
    ::shutdown(client, SHUT_WR);
    char rest[1000];
    while (::recv(client, rest, sizeof rest, 0) > 0) {
    }
    ::close(client);
  }

  int listening_;
  std::uint16_t port_;
  std::thread thread_;
};

// One client and what became of it, on a worker that the test turns by hand.
struct Trial : ClientOwner {
  explicit Trial(const ScriptedServer& server, BenchOptions wishes = {.mechanism = SaslMechanism::plain})
      : options(std::move(wishes)), address(ServerAddress::parse(server.address()).value()) {
    workers[0].adopt_thread();
  }
  ~Trial() {
    client.drop();
    workers[0].turn(0ms);
  }

  void run(ClientTask task, bool until_lost = false) {
    client.begin(task);
    for (int i = 0; i < 1000 && why.empty() && !existed && (online == 0 || until_lost); ++i) workers[0].turn(5ms);
  }

  void succeeded(ClientStream&, std::chrono::nanoseconds) override { ++online; }
  void found_account(ClientStream&) override { existed = true; }
  void failed(ClientStream&, std::string told) override { why = std::move(told); }
  void lost(ClientStream&, std::string told) override { why = std::move(told); }
  void heard(ClientStream&, const xml::Element& stanza) override { stanzas.push_back(stanza.text()); }

  const BenchOptions options;
  ServerAddress address;
  SystemClock clock;
  Workers workers{1, clock};
  ClientKit kit{options, address, workers[0], *this, nullptr, DerivedKeys{"pw"}, {}};
  ClientStream client{kit, 0};
  int online = 0;
  bool existed = false;
  std::string why;
  std::vector<std::string> stanzas;
};

}  // namespace

TEST_CASE("a client logs in, hears stanzas, and tells when the server ends the stream") {
  const ScriptedServer server{{{"<stream:stream", offers_plain},
                               {"AGJlbmNoMABiZW5jaA==", success},
                               {"<stream:stream", offers_binding},
                               {"</iq>", bound + "bench</jid></bind></iq>"},
                               {"<presence/>",
                                "<presence from='bench0@localhost/bench'/>"
                                "<message><body/>one</message><message>two</message></stream:stream>"}}};
  Trial trial{server};

  trial.run(ClientTask::log_in, true);

  CHECK(trial.online == 1);
  CHECK(trial.stanzas == std::vector<std::string>{"one", "two"});
  CHECK(trial.why == "bench0: online: the server closed the stream");
}

TEST_CASE("the roster is asked for before the presence, and a contact's presence is not one's own") {
  const ScriptedServer server{{{"<stream:stream", offers_plain},
                               {"</auth>", success},
                               {"<stream:stream", offers_binding},
                               {"</iq>", bound + "bench</jid></bind></iq>"},
                               {"<query xmlns='jabber:iq:roster'/></iq>",
                                "<iq type='result' id='roster'><query xmlns='jabber:iq:roster'/></iq>"},
                               {"<presence/>",
                                "<presence from='bench01@localhost/a'>hello</presence>"
                                "<presence from='bench0@localhost/bench'/>"}}};
  Trial trial{server, {.mechanism = SaslMechanism::plain, .asks_roster = true}};

  trial.run(ClientTask::log_in);

  CHECK(trial.why == "");
  CHECK(trial.client.online());
  CHECK(trial.stanzas == std::vector<std::string>{"hello"});
}

TEST_CASE("a session is opened where the server requires it, and its resource is used") {
  const std::string wants_session = with_features(
      "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>");
  const ScriptedServer server{{{"<stream:stream", offers_plain},
                               {"</auth>", success},
                               {"<stream:stream", wants_session},
                               {"</iq>", bound + "o&apos;clock</jid></bind></iq>"},
                               {"xmpp-session'/></iq>", "<iq type='result' id='session'/>"},
                               {"<presence/>", "<presence/>"}}};
  Trial trial{server};

  trial.run(ClientTask::log_in);

  CHECK(trial.why == "");
  CHECK(trial.client.online());
  std::string address;
  trial.client.append_address(address);
  CHECK(address == "bench0@localhost/o&apos;clock");
}

TEST_CASE("with stream management a client enables it, counts, answers, and resumes what was cut") {
  const std::string offers_management =
      with_features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>");
  const BenchOptions options{.mechanism = SaslMechanism::plain, .manages_stream = true};
  const ScriptedServer server{
      {{"<stream:stream", offers_plain},
       {"</auth>", success},
       {"<stream:stream", offers_management},
       {"</iq>", bound + "bench</jid></bind></iq>"},
       {"<enable xmlns='urn:xmpp:sm:3' resume='true'/>", "<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>"},
       {"<presence/>", "<r xmlns='urn:xmpp:sm:3'/><presence/>"},
       {"<a xmlns='urn:xmpp:sm:3' h='0'/>", ""}}};
  const ScriptedServer later{{{"<stream:stream", offers_plain},
                              {"</auth>", success},
                              {"<stream:stream", offers_management},
                              {"<resume xmlns='urn:xmpp:sm:3' h='1' previd='s1'/>",
                               "<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='1'/><message>kept</message>"
                               "<r xmlns='urn:xmpp:sm:3'/>"},
                              {"<a xmlns='urn:xmpp:sm:3' h='2'/>", "</stream:stream>"}}};
  Trial trial{server, options};

  trial.run(ClientTask::log_in);
  CHECK(trial.why == "");
  trial.client.cut();
  trial.address = ServerAddress::parse(later.address()).value();
  trial.run(ClientTask::resume, true);

  CHECK(trial.online == 2);
  CHECK(trial.stanzas == std::vector<std::string>{"kept"});
  CHECK(trial.why == "bench0: online: the server closed the stream");
}

TEST_CASE("what goes wrong is told in words") {
  const auto why = [](std::vector<Turn> script, BenchOptions options) {
    const ScriptedServer server{std::move(script)};
    Trial trial{server, std::move(options)};
    trial.run(ClientTask::log_in);
    CHECK(trial.online == 0);
    CHECK(trial.client.gone());
    return trial.why;
  };
  const BenchOptions plain{.mechanism = SaslMechanism::plain};

  CHECK(why({{"<stream:stream", offers_plain}}, {.tls = TlsUse::starttls}) ==
        "bench0: opening the stream: the server offers no TLS here (STARTTLS)");
  CHECK(why({{"<stream:stream", offers_plain}}, {}) ==
        "bench0: opening the stream: the server does not offer SCRAM-SHA-1 here, but PLAIN");
  CHECK(why({{"<stream:stream", offers_plain},
             {"</auth>", "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"}},
            plain) == "bench0: authentication: refused, not-authorized");
  CHECK(why({{"<stream:stream", header + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                                         "</stream:error>"}},
            plain) == "bench0: opening the stream: stream error host-unknown");
  const BenchOptions manages{.mechanism = SaslMechanism::plain, .manages_stream = true};
  CHECK(why({{"<stream:stream", offers_plain}, {"</auth>", success}, {"<stream:stream", offers_binding}}, manages) ==
        "bench0: new stream: the server offers no stream management here");
  CHECK(why({{"<stream:stream", header}}, plain) == "bench0: opening the stream: the server closed the connection");
  CHECK(why({{"<stream:stream", header + "<a><b></a>"}}, plain).starts_with("bench0: opening the stream: the server"));
}

TEST_CASE("an account that exists is not a failed registration") {
  const ScriptedServer server{{{"<stream:stream", offers_plain},
                               {"</iq>",
                                "<iq type='error' id='register'><error type='cancel'>"
                                "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}}};
  Trial trial{server};

  trial.run(ClientTask::make_account);

  CHECK(trial.existed);
  CHECK(trial.why == "");
}
