// SPDX-License-Identifier: Apache-2.0
#include "xml/writer.h"

#include <doctest/doctest.h>

#include "base/check.h"
#include "xml/builder.h"
#include "xml/parser.h"

using namespace meerkat;
using namespace meerkat::xml;

namespace {

std::string text(std::string_view in) {
  std::string out;
  escape_text(out, in);
  return out;
}

std::string attribute(std::string_view in) {
  std::string out;
  escape_attribute(out, in);
  return out;
}

std::string rewritten(std::string_view piece, const StreamScope& scope, std::string_view outer) {
  Parser parser;
  const auto index = parser.parse(piece, scope, {});
  REQUIRE(index);
  std::string out;
  reserialize(out, Element{*index}, outer);
  return out;
}

}  // namespace

TEST_CASE("text and attributes are escaped for their place") {
  CHECK(text("a<b>&'\"\r\n\t") == "a&lt;b&gt;&amp;'\"&#13;\n\t");
  CHECK(attribute("a<b>&'\"\r\n\t") == "a&lt;b&gt;&amp;&apos;&quot;&#13;&#10;&#9;");
}

TEST_CASE("what XML cannot carry is replaced") {
  CHECK(text("a\x01"
             "b\xff") ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd");
  CHECK(text("\xed\xa0\x80<") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&lt;");
  CHECK(attribute(std::string_view{"\0", 1}) == "\xef\xbf\xbd");
}

TEST_CASE("an attribute is written with its quotes") {
  std::string out;
  write_attribute(out, "to", "o'neill@x");
  CHECK(out == " to='o&apos;neill@x'");
}

TEST_CASE("an element written alone declares what its stream declared") {
  StreamScope scope = StreamScope::client();
  scope.declare("p", "urn:p");
  CHECK(rewritten("<message><p:x p:a='1' b='2'>t<p:y/></p:x></message>", scope, "jabber:client") ==
        "<message><x xmlns='urn:p' xmlns:p='urn:p' p:a='1' b='2'>t<y/></x></message>");
  CHECK(rewritten("<message xml:lang='en'/>", scope, "") == "<message xmlns='jabber:client' xml:lang='en'/>");
  CHECK(rewritten("<a xmlns=\"it's\">&lt;<![CDATA[x]]></a>", scope, "") == "<a xmlns=\"it's\">&lt;<![CDATA[x]]></a>");
}

// Found by fuzzing: the namespace of `xml` must not become a default namespace.
TEST_CASE("an element written alone keeps the prefix xml") {
  CHECK(rewritten("<a><xml:b><c/></xml:b></a>", StreamScope::client(), "") ==
        "<a xmlns='jabber:client'><xml:b><c/></xml:b></a>");
}

TEST_CASE("a builder writes nested elements") {
  const std::string built = Builder("iq")
                                .attr("type", "result")
                                .attr("n", -5)
                                .child(Builder("query", ns::roster).child(Builder("item").text("<")))
                                .raw("<x/>")
                                .str();
  CHECK(built == "<iq type='result' n='-5'><query xmlns='jabber:iq:roster'><item>&lt;</item></query><x/></iq>");
  CHECK(Builder("a").str() == "<a/>");
  const Builder kept{"a", ns::last};
  CHECK(kept.str() == "<a xmlns='jabber:iq:last'/>");
  CHECK(kept.str() == kept.str());
}
