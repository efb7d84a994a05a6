// SPDX-License-Identifier: Apache-2.0
#include "xml/text.h"

#include <doctest/doctest.h>

#include "xml/characters.h"
#include "xml/element.h"
#include "xml/namespaces.h"
#include "xml/parser.h"

using namespace meerkat;
using namespace meerkat::xml;

namespace {

Text characters(std::string_view raw) { return {raw, Text::Kind::characters, true}; }
Text value(std::string_view raw) { return {raw, Text::Kind::attribute, true}; }

}  // namespace

TEST_CASE("character data is decoded, line ends are normalised, CDATA is taken as it is") {
  CHECK(characters("a&lt;b&#x20AC;").str() == "a<b\xe2\x82\xac");
  CHECK(characters("a\r\nb\rc\n").str() == "a\nb\nc\n");
  CHECK(characters("&#13;").str() == "\r");
  CHECK(characters("x<![CDATA[&amp;<]]]>y]]]]>").str() == "x&amp;<]y]]]]>");
  CHECK(characters("<![CDATA[]]>").empty());
}

TEST_CASE("white space in an attribute becomes spaces, but not when it was meant") {
  CHECK(value("a\tb\r\nc&#9;&apos;").str() == "a b c\t'");
}

TEST_CASE("text is compared by meaning") {
  CHECK(value("a&amp;b") == "a&b");
  CHECK(value("a&amp;b") != "a&bc");
  CHECK(value("a&amp;b") != "a&");
  CHECK(Text{"plain", Text::Kind::attribute, false} == "plain");
}

TEST_CASE("storage is used only for what is encoded") {
  std::string storage = "untouched";
  const std::string_view raw = "plain";
  CHECK(Text{raw, Text::Kind::attribute, false}.view(storage).data() == raw.data());
  CHECK(storage == "untouched");
  CHECK(value("&lt;").view(storage) == "<");
}

TEST_CASE("the text of an element leaves its children out") {
  Parser parser;
  const auto index = parser.parse("<a>1<b>2</b>3<![CDATA[4]]></a>", StreamScope::none(), {});
  REQUIRE(index);
  std::string storage;
  CHECK(Element{*index}.text() == "134");
  CHECK(Element{*index}.text_view(storage) == "134");
  CHECK(Element{*index}.child("b")->text_view(storage) == "2");
}

TEST_CASE("vectors and plain code agree on what are characters") {
  const std::string_view parts[] = {"a",
                                    "\xd0\x9f",
                                    "\xe2\x82\xac",
                                    "\xf0\x9f\x90\x88",
                                    "\xef\xbf\xbd",
                                    "\xef\xbf\xbf",
                                    "\xed\x9f\xbf",
                                    "\xed\xa0\x80",
                                    "\xf4\x8f\xbf\xbf",
                                    "\xf4\x90\x80\x80",
                                    "\xc0\x80",
                                    "\xe0\x9f\xbf",
                                    "\xf0\x8f\xbf\xbf",
                                    "\x80",
                                    "\xd0",
                                    "\n",
                                    "\x0b",
                                    "the quick brown fox jumps over the lazy dog 0123456789 etc. "};
  std::uint64_t seed = 7;
  int good = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string text;
    const auto count = seed >> 33 & 15;
    for (unsigned i = 0; i <= count; ++i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      const auto pick = seed >> 40;
      text += parts[pick % 4 != 0 ? std::size_t{17} * (pick >> 2 & 1) + (pick >> 3) % 4 * (1 - (pick >> 2 & 1))
                                  : (pick >> 2) % 18];
    }
    good += valid_characters_plain(text) ? 1 : 0;
    CHECK(valid_characters(text) == valid_characters_plain(text));
  }
  CHECK(good > 1000);
}

TEST_CASE("well-known namespaces are found by URI and by number") {
  CHECK(known_namespace("jabber:client") == ns::client);
  CHECK(known_namespace("urn:xmpp:carbons:2") == ns::carbons);
  CHECK(known_namespace("urn:xmpp:carbons:3").id == 0);
  CHECK(known_namespace("").id == 0);
  CHECK(namespace_with_id(ns::muc_user.id).uri == ns::muc_user.uri);
  CHECK(namespace_with_id(0).uri.empty());
  CHECK(namespace_with_id(60000).uri.empty());
}
