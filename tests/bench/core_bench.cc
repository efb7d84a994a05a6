// SPDX-License-Identifier: Apache-2.0
// What the hall costs a stanza: hooks, tables, and the router's way to a session.
#include <benchmark/benchmark.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accounts/anonymous.h"
#include "base/metrics/registry.h"
#include "core/events/routing_events.h"
#include "core/hall.h"

using namespace meerkat;

namespace {

// Keeps what a session is sent until somebody empties it.
class CollectingStream final : public SessionStream {
 public:
  std::string& out() override { return out_; }
  std::size_t waiting() const override { return out_.size(); }
  bool peer_has_all() const override { return true; }
  bool takes_more() override { return true; }
  void give_up() override {}
  void end_with(const StreamError&) override {}
  void hold() override {}
  void hand_over() override {}
  void release() override {}
  void wait_for_answer() override {}
  void go_on() override {}

 private:
  std::string out_;
};

// One worker on the bench's thread, with its hall.
struct House {
  House() : workers(1, clock) {
    workers[0].adopt_thread();
    halls.push_back(std::make_unique<Hall>(workers[0], workers, halls, metrics));
  }
  Hall& hall() { return *halls.front(); }

  SystemClock clock;
  metrics::Registry metrics;
  Workers workers;
  // Nobody is asked on the ways that are measured here.
  const std::unique_ptr<Accounts> accounts = make_anonymous_accounts();
  std::vector<std::unique_ptr<Hall>> halls;
};

Jid address(std::size_t number) { return Jid::parse("user" + std::to_string(number) + "@example.net/phone").value(); }

Stanza chat(xml::Parser& parser, const Jid& from, const Jid& to) {
  static const std::string bytes = "<message to='bob@example.net' type='chat' id='5f1c7a3e-2b0d'><body>" +
                                   std::string(100, 'x') + "</body></message>";
  const auto index = parser.parse(bytes, xml::StreamScope::client(), {});
  return {.kind = StanzaKind::message,
          .type = StanzaType::chat,
          .from = from,
          .to = to,
          .body = BodyRef::copy_of(*index, {})};
}

// Sits in a chain and lets everything pass, as most handlers do with most stanzas.
struct Bystander {
  Verdict stanza_arrived(UserReceivesStanza&) {
    ++seen;
    return Verdict::next();
  }
  std::uint64_t seen = 0;
};

void runs_hooks(benchmark::State& state) {
  House house;
  HostType& host = house.hall().add_host("example.net", *house.accounts);
  Bystander bystander;
  for (int i = 0; i < state.range(0); ++i) host.hooks.on<&Bystander::stanza_arrived>(bystander);
  const HookChain<UserReceivesStanza>& chain = host.hooks.chain<UserReceivesStanza>();
  Stanza stanza = chat(house.hall().parser, address(1), address(2));
  UserReceivesStanza event{host, stanza};
  for (auto _ : state) {
    Answer<Verdict> answer = chain.run(event);
    benchmark::DoNotOptimize(answer.at_hand());
  }
}
BENCHMARK(runs_hooks)->Arg(0)->Arg(1)->Arg(5);

struct Answering {
  IqReply asked(const IqRequest&) { return IqReply::empty(); }
};

void finds_iq_handler(benchmark::State& state) {
  IqTable table;
  Answering answering;
  for (std::uint16_t id = ns::disco_info.id; id < ns::disco_info.id + 20; ++id)
    table.on_get<&Answering::asked>(answering, namespace_with_id(id), IqTarget::account);
  table.on_get<&Answering::asked>(answering, ns::ping, IqTarget::server);
  xml::Parser parser;
  const auto index = parser.parse("<ping xmlns='urn:xmpp:ping'/>", xml::StreamScope::client(), {});
  const xml::Element query{*index};
  for (auto _ : state) benchmark::DoNotOptimize(table.find(query, IqTarget::server));
}
BENCHMARK(finds_iq_handler);

// A different account each time, as on a server with that many sessions: mostly misses of the cache.
void finds_session(benchmark::State& state) {
  House house;
  HostType& host = house.hall().add_host("example.net", *house.accounts);
  CollectingStream stream;
  std::vector<Jid> addresses;
  for (std::size_t i = 0; i < static_cast<std::size_t>(state.range(0)); ++i) {
    addresses.push_back(address(i));
    house.hall().sessions.open(addresses.back(), host, stream);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    next = (next + 7919) % addresses.size();
    benchmark::DoNotOptimize(house.hall().sessions.find_session(addresses[next]));
  }
  for (const Jid& jid : addresses) house.hall().sessions.close(*house.hall().sessions.find_session(jid));
}
BENCHMARK(finds_session)->Arg(1'000)->Arg(100'000);

// From the home of the recipient to the bytes for its client, which takes each message at once.
void arrives_at_session(benchmark::State& state, int handlers) {
  House house;
  Hall& hall = house.hall();
  HostType& host = hall.add_host("example.net", *house.accounts);
  Bystander bystander;
  for (int i = 0; i < handlers; ++i) host.hooks.on<&Bystander::stanza_arrived>(bystander);
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<std::unique_ptr<CollectingStream>> streams;
  std::vector<Session*> sessions;
  for (std::size_t i = 0; i < count; ++i) {
    streams.push_back(std::make_unique<CollectingStream>());
    sessions.push_back(&hall.sessions.open(address(i), host, *streams.back()));
  }
  const Stanza stanza = chat(hall.parser, address(count), address(0));
  std::size_t next = 0;
  for (auto _ : state) {
    next = (next + 7919) % count;
    Stanza copy = stanza;
    copy.to = sessions[next]->jid;
    hall.router.arrive(host, std::move(copy));
    benchmark::DoNotOptimize(streams[next]->out().data());
    streams[next]->out().clear();
    sessions[next]->in_flight.written();
    sessions[next]->in_flight.alive();
  }
  for (Session* session : sessions) hall.sessions.close(*session);
}
BENCHMARK_CAPTURE(arrives_at_session, no_handler, 0)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(arrives_at_session, five_handlers, 5)->Arg(1'000);

// The same from the sender's side, look-up of host and home included, one worker.
void routes_to_session(benchmark::State& state) {
  House house;
  Hall& hall = house.hall();
  HostType& host = hall.add_host("example.net", *house.accounts);
  CollectingStream stream;
  Session& session = hall.sessions.open(address(1), host, stream);
  const Stanza stanza = chat(hall.parser, address(2), session.jid);
  for (auto _ : state) {
    hall.router.route(stanza);
    stream.out().clear();
    session.in_flight.written();
    session.in_flight.alive();
  }
  hall.sessions.close(session);
}
BENCHMARK(routes_to_session);

// A session ends that has 50 contacts, 10 of them online among very many, one worker: what it costs until the bytes are
// with their streams. Another session each time.
void ends_with_contacts(benchmark::State& state) {
  House house;
  Hall& hall = house.hall();
  HostType& host = hall.add_host("example.net", *house.accounts);
  constexpr std::size_t contacts = 50;
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto online = static_cast<std::size_t>(state.range(1));
  std::vector<std::unique_ptr<CollectingStream>> streams;
  std::vector<Session*> sessions;
  for (std::size_t i = 0; i < count; ++i) {
    streams.push_back(std::make_unique<CollectingStream>());
    sessions.push_back(&hall.sessions.open(address(i), host, *streams.back()));
  }
  const BodyRef here = make_stanza(StanzaKind::presence, StanzaType::available, {}, {}, {}, {}).body;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<AccountKey> keys;
    for (std::size_t k = 0; k < contacts; ++k)
      keys.push_back(key_of(address(k < online ? (i * 31 + k * 9973 + 1) % count : count + i * contacts + k)));
    sessions[i]->account->audience = Audience{std::move(keys)};
    sessions[i]->presence = here;
  }
  std::size_t next = 0;
  for (auto _ : state) {
    next = (next + 7919) % count;
    hall.presence.session_ended(*sessions[next]);
    sessions[next]->presence = here;
    if (next % 64 != 0) continue;
    state.PauseTiming();
    for (const auto& stream : streams) stream->out().clear();
    state.ResumeTiming();
  }
  for (Session* session : sessions) hall.sessions.close(*session);
}
BENCHMARK(ends_with_contacts)->Args({1'000, 10})->Args({20'000, 0})->Args({20'000, 10});

}  // namespace
