// SPDX-License-Identifier: Apache-2.0
// What a record costs with OpenSSL's session and without it, over one session (warm caches) and over two thousand in
// turn.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/test_directory.h"
#include "net/tls_session.h"

using namespace meerkat;

namespace {

std::shared_ptr<const TlsContext> make_context(const TlsOptions& options, TlsRole role) {
  auto made = TlsContext::make(options, role);
  if (!made) std::abort();
  return *made;
}

TlsOptions server_options(bool lean) {
  static const TestDirectory place;
  static const bool made = make_self_signed(std::vector<std::string>{"localhost"}, place / "cert.pem",
                                            place / "key.pem", std::chrono::system_clock::now())
                               .has_value();
  if (!made) std::abort();
  TlsOptions options;
  options.certfile = place / "cert.pem";
  options.keyfile = place / "key.pem";
  options.verify_mode = TlsOptions::Verify::none;
  options.lean_records = lean;
  return options;
}

struct Ends {
  TlsSession server;
  TlsSession client;
};

std::vector<Ends> make_sessions(std::size_t count, bool lean) {
  const auto server = make_context(server_options(lean), TlsRole::server);
  TlsOptions trusting;
  trusting.verify_mode = TlsOptions::Verify::none;
  const auto client = make_context(trusting, TlsRole::client);
  std::vector<Ends> sessions;
  sessions.reserve(count);
  std::string plain;
  for (std::size_t i = 0; i < count; ++i) {
    Ends ends{TlsSession{server}, TlsSession{client}};
    std::string up;
    ends.client.start(up);
    while (!up.empty()) {
      std::string down;
      ends.server.receive(std::exchange(up, {}), plain, down);
      ends.client.receive(down, plain, up);
    }
    if (ends.server.lean() != lean) std::abort();
    sessions.push_back(std::move(ends));
  }
  return sessions;
}

// Arguments: bytes per record, sessions, and whether they are lean.
void seals(benchmark::State& state) {
  std::vector<Ends> sessions = make_sessions(static_cast<std::size_t>(state.range(1)), state.range(2) != 0);
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  std::string wire;
  std::size_t next = 0;
  for (auto _ : state) {
    wire.clear();
    sessions[next].server.send(text, wire);
    benchmark::DoNotOptimize(wire.data());
    if (++next == sessions.size()) next = 0;
  }
  state.SetItemsProcessed(state.iterations());
}

// Batches of 16 rounds over all sessions are sealed by the clients outside the measurement.
void opens(benchmark::State& state) {
  std::vector<Ends> sessions = make_sessions(static_cast<std::size_t>(state.range(1)), state.range(2) != 0);
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  constexpr std::size_t rounds = 16;
  std::vector<std::string> wires(rounds * sessions.size());
  std::size_t next = wires.size();
  std::string plain;
  std::string out;
  for (auto _ : state) {
    if (next == wires.size()) {
      state.PauseTiming();
      for (std::size_t i = 0; i < wires.size(); ++i) {
        wires[i].clear();
        sessions[i % sessions.size()].client.send(text, wires[i]);
      }
      next = 0;
      state.ResumeTiming();
    }
    plain.clear();
    sessions[next % sessions.size()].server.receive(wires[next], plain, out);
    if (plain.size() != text.size()) std::abort();
    ++next;
  }
  state.SetItemsProcessed(state.iterations());
}

// Two in turn: warm caches, but another key each time.
void all_ways(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"bytes", "sessions", "lean"});
  for (const int bytes : {200, 1024})
    for (const int sessions : {1, 2, 2000})
      for (const int lean : {0, 1}) bench->Args({bytes, sessions, lean});
}
BENCHMARK(seals)->Apply(all_ways);
BENCHMARK(opens)->Apply(all_ways);

}  // namespace
