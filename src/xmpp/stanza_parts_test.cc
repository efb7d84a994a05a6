// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stanza_parts.h"

#include <doctest/doctest.h>

#include "xml/parser.h"

using namespace meerkat;

namespace {

Stanza came(std::string_view text, std::string_view lang = {}) {
  xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits{});
  REQUIRE(index.has_value());
  Stanza stanza;
  stanza.body = BodyRef::copy_of(*index, lang);
  return stanza;
}

}  // namespace

TEST_CASE("a stanza speaks its own language, or that of its stream") {
  CHECK(lang_of(came("<message xml:lang=\"de\"/>", "fr")) == "de");
  CHECK(lang_of(came("<message/>", "fr")) == "fr");
  CHECK(lang_of(came("<message/>")) == "");
}

TEST_CASE("a child can be taken out of a stanza, and nothing else changes") {
  Stanza message = came("<message id='1' xmlns:p='urn:p'><a/><p:b><c/></p:b>text</message>", "fr");

  message.body = without_child(message, *message.element().child("b"));

  std::string written;
  append_stanza(written, message);
  CHECK(written == "<message xmlns:p='urn:p' id='1' xml:lang='fr'><a/>text</message>");
  CHECK(lang_of(message) == "fr");
}
