// SPDX-License-Identifier: Apache-2.0
// What an address and a SCRAM login cost. Goals: an ASCII address < 100 ns, a SCRAM verification < 15 us.
#include <benchmark/benchmark.h>

#include <string>

#include "base/text.h"
#include "xmpp/jid.h"
#include "xmpp/scram.h"

using namespace meerkat;

namespace {

void parses_jid(benchmark::State& state, std::string_view text) {
  for (auto _ : state) benchmark::DoNotOptimize(Jid::parse(text));
}
BENCHMARK_CAPTURE(parses_jid, ascii_bare, "alice@example.net");
BENCHMARK_CAPTURE(parses_jid, ascii_full, "alice.liddell@chat.example.net/Conversations.k3Xz");
BENCHMARK_CAPTURE(parses_jid, upper_case, "Alice@Example.NET/phone");
BENCHMARK_CAPTURE(parses_jid, unicode_node, "\u03b1\u03bb\u03af\u03ba\u03b7@example.net/phone");
BENCHMARK_CAPTURE(parses_jid, unicode_everywhere, "\u00c5sa@b\u00fccher.example/R\u00e4ksm\u00f6rg\u00e5s");
BENCHMARK_CAPTURE(parses_jid, refused, "not an address");

// The costliest text that a peer can send: combining marks in the worst order.
void parses_hostile_jid(benchmark::State& state) {
  std::string text = "a@b/";
  while (text.size() < 2000) text.insert(4, text.size() % 4 ? "\u0301" : "\u0323");
  for (auto _ : state) benchmark::DoNotOptimize(Jid::parse(text));
}
BENCHMARK(parses_hostile_jid);

void copies_jid(benchmark::State& state) {
  const Jid jid = Jid::parse("alice@example.net/phone").value();
  for (auto _ : state) {
    Jid copy = jid;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(copies_jid);

void takes_bare_jid(benchmark::State& state) {
  const Jid jid = Jid::parse("alice@example.net/phone").value();
  for (auto _ : state) benchmark::DoNotOptimize(jid.bare());
}
BENCHMARK(takes_bare_jid);

void compares_jids(benchmark::State& state) {
  const Jid a = Jid::parse("alice@example.net/phone").value(), b = Jid::parse("alice@example.net/phone").value();
  for (auto _ : state) benchmark::DoNotOptimize(a == b);
}
BENCHMARK(compares_jids);

// All that the server does of a login after the keys were found: two messages in, two out.
void verifies_scram(benchmark::State& state, ScramHash hash) {
  const ScramKeys keys = derive_scram_keys(hash, "pencil", "0123456789abcdef", 4096);
  const Digest salted = salted_password(hash, "pencil", keys.salt, keys.iterations);
  const Digest client_key = hmac(hash, salted.view(), "Client Key");
  const std::string without_proof = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
  const std::string server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=" + base64(keys.salt) + ",i=4096";
  const Digest signature =
      hmac(hash, keys.stored_key, "n=user,r=fyko+d2lbbFgONRv9qkxdawL," + server_first + "," + without_proof);
  std::string proof = client_key.text();
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature.bytes[i]);
  const std::string last = without_proof + ",p=" + base64(proof);
  for (auto _ : state) {
    ScramServer server{hash, false, false, nullptr};
    benchmark::DoNotOptimize(server.client_first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"));
    server.server_first(keys, "3rfcNHYJY1ZVvWVs7j");
    if (!server.client_final(last)) state.SkipWithError("not let in");
  }
}
BENCHMARK_CAPTURE(verifies_scram, sha1, ScramHash::sha1);
BENCHMARK_CAPTURE(verifies_scram, sha256, ScramHash::sha256);
BENCHMARK_CAPTURE(verifies_scram, sha512, ScramHash::sha512);

void derives_keys(benchmark::State& state, ScramHash hash) {
  for (auto _ : state) benchmark::DoNotOptimize(derive_scram_keys(hash, "pencil", "0123456789abcdef", 10'000));
}
BENCHMARK_CAPTURE(derives_keys, sha1_10000, ScramHash::sha1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(derives_keys, sha256_10000, ScramHash::sha256)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(derives_keys, sha512_10000, ScramHash::sha512)->Unit(benchmark::kMillisecond);

}  // namespace
