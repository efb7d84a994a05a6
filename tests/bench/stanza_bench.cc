// SPDX-License-Identifier: Apache-2.0
// What it costs to keep a stanza and to send it on: one block for the body, one new root tag per recipient.
#include <benchmark/benchmark.h>

#include <string>

#include "xml/parser.h"
#include "xmpp/stanza.h"

using namespace meerkat;

namespace {

std::string message(std::size_t text) {
  return "<message to='bob@example.net' type='chat' id='5f1c7a3e-2b0d'><body>" + std::string(text, 'x') +
         "</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>";
}

Stanza stanza_of(xml::Parser& parser, const std::string& bytes) {
  const auto index = parser.parse(bytes, xml::StreamScope::client(), {});
  return {.kind = StanzaKind::message,
          .type = StanzaType::chat,
          .from = Jid::parse("alice@example.net/phone").value(),
          .to = Jid::parse("bob@example.net/desk").value(),
          .body = BodyRef::copy_of(*index, {})};
}

void copies_body(benchmark::State& state) {
  const std::string bytes = message(static_cast<std::size_t>(state.range(0)));
  xml::Parser parser;
  const auto index = parser.parse(bytes, xml::StreamScope::client(), {});
  for (auto _ : state) benchmark::DoNotOptimize(BodyRef::copy_of(*index, {}));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(copies_body)->Arg(100)->Arg(1024)->Arg(10'240);

void copies_body_with_language(benchmark::State& state) {
  const std::string bytes = message(100);
  xml::Parser parser;
  const auto index = parser.parse(bytes, xml::StreamScope::client(), {});
  for (auto _ : state) benchmark::DoNotOptimize(BodyRef::copy_of(*index, "en"));
}
BENCHMARK(copies_body_with_language);

void shares_body(benchmark::State& state) {
  xml::Parser parser;
  const Stanza stanza = stanza_of(parser, message(100));
  for (auto _ : state) {
    Stanza copy = stanza;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(shares_body);

// The splice, into the buffer of a connection that sends it at the end of its turn.
void appends_stanza(benchmark::State& state) {
  xml::Parser parser;
  const Stanza stanza = stanza_of(parser, message(static_cast<std::size_t>(state.range(0))));
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_stanza(out, stanza);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
}
BENCHMARK(appends_stanza)->Arg(100)->Arg(1024)->Arg(10'240);

// All of it: from the bytes of one client to the bytes for another, without the look-ups between.
void parses_keeps_and_appends(benchmark::State& state) {
  const std::string bytes = message(static_cast<std::size_t>(state.range(0)));
  xml::Parser parser;
  std::string out;
  for (auto _ : state) {
    out.clear();
    const Stanza stanza = stanza_of(parser, bytes);
    append_stanza(out, stanza);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(parses_keeps_and_appends)->Arg(100)->Arg(1024);

}  // namespace
