// SPDX-License-Identifier: Apache-2.0
// What a stanza costs: to find its end, to parse it, to forward it by splicing; expat beside it for the ratio.
#include <benchmark/benchmark.h>
#include <expat.h>

#include <string>

#include "xml/parser.h"
#include "xml/splitter.h"
#include "xml/writer.h"

using namespace meerkat;
using namespace meerkat::xml;

namespace {

std::string short_message() {
  return "<message to='bob@example.net' type='chat' id='a1'><body>Hello there, how are you today? All is well "
         "here.</body></message>";
}

std::string chat_message() {
  return "<message from='alice@example.net/phone' to='bob@example.net' type='chat' id='5f1c7a3e-2b0d' xml:lang='en'>"
         "<body>Shall we meet at the station at nine? I&apos;ll bring the tickets.</body>"
         "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
         "<markable xmlns='urn:xmpp:chat-markers:0'/><origin-id xmlns='urn:xmpp:sid:0' id='5f1c7a3e-2b0d'/>"
         "<store xmlns='urn:xmpp:hints'/><replace id='bad1' xmlns='urn:xmpp:message-correct:0'/></message>";
}

std::string presence() {
  return "<presence from='alice@example.net/phone' id='p-77'><show>away</show><status>in a meeting</status>"
         "<priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
         "node='https://example.org/client' "
         "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/><x "
         "xmlns='vcard-temp:x:update'><photo>sha1-hash-of-image</photo></x></presence>";
}

std::string roster() {
  std::string out = "<iq type='result' id='r1' to='alice@example.net/phone'><query xmlns='jabber:iq:roster' ver='v12'>";
  for (int i = 0; i < 100; ++i)
    out += "<item jid='contact" + std::to_string(i) + "@example.org' name='Contact " + std::to_string(i) +
           "' subscription='both'><group>Friends</group></item>";
  return out + "</query></iq>";
}

std::string cyrillic() {
  std::string out = "<message to='bob@example.net' type='chat' id='a1'><body>";
  for (int i = 0; i < 12; ++i) out += "Съешь же ещё этих мягких булок. ";
  return out + "</body></message>";
}

const std::string header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

void split(benchmark::State& state, const std::string& stanza) {
  Splitter splitter;
  const Limits limits;
  splitter.next(header, limits);
  for (auto _ : state) benchmark::DoNotOptimize(splitter.next(stanza, limits));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stanza.size()));
}

void parse(benchmark::State& state, const std::string& stanza) {
  Parser parser;
  const Limits limits;
  for (auto _ : state) benchmark::DoNotOptimize(parser.parse(stanza, StreamScope::client(), limits));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stanza.size()));
}

// A new root tag with another `from`, then the bytes of the children.
void splice(benchmark::State& state, const std::string& stanza) {
  Parser parser;
  const auto index = parser.parse(stanza, StreamScope::client(), {});
  const Element element{*index};
  std::string out;
  for (auto _ : state) {
    out.clear();
    out += '<';
    out += element.name();
    for (const Attribute attribute : element.attributes()) {
      if (attribute.name == "from") continue;
      out += ' ';
      out += attribute.raw;
    }
    write_attribute(out, "from", "alice@example.net/phone");
    out += '>';
    out += element.inner_raw();
    out += "</";
    out += element.name();
    out += '>';
    benchmark::DoNotOptimize(out.data());
  }
}

// Namespaces on and handlers that only count: less than a server would do.
void expat(benchmark::State& state, const std::string& stanza) {
  const XML_Parser parser = XML_ParserCreateNS("UTF-8", '|');
  std::size_t seen = 0;
  XML_SetUserData(parser, &seen);
  XML_SetElementHandler(
      parser, [](void* count, const char*, const char**) { ++*static_cast<std::size_t*>(count); },
      [](void*, const char*) {});
  XML_SetCharacterDataHandler(parser, [](void* count, const char*, int size) {
    *static_cast<std::size_t*>(count) += static_cast<std::size_t>(size);
  });
  XML_Parse(parser, header.data(), static_cast<int>(header.size()), 0);
  for (auto _ : state) XML_Parse(parser, stanza.data(), static_cast<int>(stanza.size()), 0);
  benchmark::DoNotOptimize(seen);
  XML_ParserFree(parser);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stanza.size()));
}

const bool registered = [] {
  const std::pair<const char*, std::string> stanzas[] = {
      {"short_message", short_message()}, {"chat_message", chat_message()},
      {"presence", presence()},           {"roster_100", roster()},
      {"cyrillic", cyrillic()},           {"sm_request", "<r xmlns='urn:xmpp:sm:3'/>"}};
  for (const auto& [name, stanza] : stanzas) {
    const std::string of = std::string{"/"} + name;
    benchmark::RegisterBenchmark(("xml_split" + of).c_str(), split, stanza);
    benchmark::RegisterBenchmark(("xml_parse" + of).c_str(), parse, stanza);
    benchmark::RegisterBenchmark(("xml_splice" + of).c_str(), splice, stanza);
    benchmark::RegisterBenchmark(("xml_expat" + of).c_str(), expat, stanza);
  }
  return true;
}();

}  // namespace
