// SPDX-License-Identifier: Apache-2.0
#include "xml/parser.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace meerkat;
using namespace meerkat::xml;

namespace {

Problem problem_of(std::string_view piece, const Limits& limits = {}) {
  Parser parser;
  const auto index = parser.parse(piece, StreamScope::client(), limits);
  return index ? Problem::none : index.error();
}

std::string many(int count, const std::string& before, const std::string& after = "") {
  std::string out;
  for (int i = 0; i < count; ++i) out += before + std::to_string(i) + after;
  return out;
}

}  // namespace

TEST_CASE("names, namespaces, attributes and text are where they belong") {
  Parser parser;
  const auto index = parser.parse(
      "<message to='b@x' xml:lang='en'><body>Hi &amp; <i/>bye</body><active "
      "xmlns='http://jabber.org/protocol/chatstates'/>"
      "<q:x xmlns:q='urn:q' q:a='1' a=\"&quot;2&#x41;\"/></message>",
      StreamScope::client(), {});

  REQUIRE(index);
  const Element message{*index};
  CHECK(message.is("message", ns::client));
  CHECK(*message.attr("to") == "b@x");
  CHECK(*message.attr("lang", ns::xml) == "en");
  CHECK(!message.attr("lang"));
  CHECK(message.child("body", ns::client)->text() == "Hi & bye");
  CHECK(message.child(ns::chat_states)->name() == "active");
  const auto x = message.child("x");
  CHECK(x->prefix() == "q");
  CHECK(x->namespace_uri() == "urn:q");
  CHECK(x->namespace_id() == 0);
  CHECK(*x->attr("a") == "\"2A");
  CHECK(!message.child("body", ns::server));
  CHECK(!index->uses_stream_prefix);
}

TEST_CASE("an element knows its bytes") {
  Parser parser;
  const auto index = parser.parse("<a b='c'><d>x</d > <e/></a>", StreamScope::none(), {});

  REQUIRE(index);
  const Element a{*index};
  CHECK(a.raw() == "<a b='c'><d>x</d > <e/></a>");
  CHECK(a.inner_raw() == "<d>x</d > <e/>");
  CHECK(a.start_tag_raw() == "<a b='c'>");
  CHECK(a.first_child()->raw() == "<d>x</d >");
  CHECK(a.child("e")->inner_raw() == "");
  CHECK(a.child("e")->raw() == "<e/>");
}

TEST_CASE("declarations are listed apart from attributes") {
  Parser parser;
  const auto index = parser.parse("<a xmlns='urn:a' b='1' xmlns:c=\"urn:c\" c:d='2'/>", StreamScope::none(), {});

  REQUIRE(index);
  std::string seen;
  for (const Declaration each : Element{*index}.declarations()) seen += "[" + std::string{each.raw} + "]";
  for (const Attribute each : Element{*index}.attributes()) seen += "[" + std::string{each.raw} + "]";
  CHECK(seen == "[xmlns='urn:a'][xmlns:c=\"urn:c\"][b='1'][c:d='2']");
}

TEST_CASE("a copy of the index needs nothing of the original") {
  StreamScope scope = StreamScope::client();
  scope.declare("far", "urn:far");
  auto bytes = std::make_unique<std::string>("<far:a xmlns:n='urn:near'><n:b>x</n:b></far:a>");
  auto parser = std::make_unique<Parser>();
  const auto index = parser->parse(*bytes, scope, {});
  REQUIRE(index);
  CHECK(index->uses_stream_prefix);
  const auto memory = std::make_unique<std::max_align_t[]>(index->bytes_needed() / sizeof(std::max_align_t) + 1);

  const Index copy = index->copy_to(memory.get());
  parser.reset();
  bytes->assign(bytes->size(), '?');
  scope = StreamScope::none();

  CHECK(Element{copy}.namespace_uri() == "urn:far");
  CHECK(Element{copy}.child("b")->namespace_uri() == "urn:near");
  CHECK(Element{copy}.child("b")->text() == "x");
}

TEST_CASE("an end tag has the name of its start tag") {
  CHECK(problem_of("<a></a>") == Problem::none);
  CHECK(problem_of("<a></b>") == Problem::not_well_formed);
  CHECK(problem_of("<a><b></a></b>") == Problem::not_well_formed);
  CHECK(problem_of("<a></aa>") == Problem::not_well_formed);
  CHECK(problem_of("<aa></a>") == Problem::not_well_formed);
  CHECK(problem_of("<a></ a>") == Problem::not_well_formed);
  CHECK(problem_of("<a></a/>") == Problem::not_well_formed);
  CHECK(problem_of("<stream:a></x:a>") == Problem::not_well_formed);
  CHECK(problem_of("<a>") == Problem::not_well_formed);
  CHECK(problem_of("<a/><b/>") == Problem::not_well_formed);
  CHECK(problem_of(" <a/>") == Problem::not_well_formed);
  CHECK(problem_of("<a/> ") == Problem::not_well_formed);
  CHECK(problem_of("") == Problem::not_well_formed);
}

TEST_CASE("attributes are quoted, separated, and unique") {
  CHECK(problem_of("<a b = 'c'\n d=\"e\" />") == Problem::none);
  CHECK(problem_of("<a b='c'd='e'/>") == Problem::not_well_formed);
  CHECK(problem_of("<a b=c/>") == Problem::not_well_formed);
  CHECK(problem_of("<a b/>") == Problem::not_well_formed);
  CHECK(problem_of("<a b='<'/>") == Problem::not_well_formed);
  CHECK(problem_of("<a b='1' c='' b='2'/>") == Problem::not_well_formed);
  CHECK(problem_of("<a xmlns='u' xmlns='v'/>") == Problem::not_well_formed);
  CHECK(problem_of("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>") == Problem::not_well_formed);
  CHECK(problem_of("<a xmlns:p='u' xmlns:q='v' p:b='1' q:b='2' b='3'/>") == Problem::none);
  CHECK(problem_of("<a" + many(100, " x", "='1'") + "/>") == Problem::none);
  CHECK(problem_of("<a" + many(100, " x", "='1'") + " x57='2'/>") == Problem::not_well_formed);
}

TEST_CASE("only the five entities and legal characters can be referred to") {
  CHECK(problem_of("<a b='&lt;&#x10FFFF;'>&gt;&apos;&quot;&amp;&#10;</a>") == Problem::none);
  for (const std::string wrong : {"&", "&amp", "&foo;", "&#;", "&#x;", "&#0;", "&#11;", "&#xD800;", "&#xFFFE;",
                                  "&#x110000;", "&#99999999999;", "&#X41;", "&#-1;", "&AMP;"}) {
    CAPTURE(wrong);
    CHECK(problem_of("<a>" + wrong + "</a>") == Problem::not_well_formed);
    CHECK(problem_of("<a b='" + wrong + "'/>") == Problem::not_well_formed);
  }
}

TEST_CASE("characters are well-formed UTF-8 that XML allows") {
  CHECK(problem_of("<a>\xd0\x9f\xf0\x9f\x90\x88\t\r\n\x7f</a>") == Problem::none);
  for (const char* wrong : {"\xff", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xd0",
                            "\xef\xbf\xbf", "\xef\xbf\xbe", "\x01", "\x1f"})
    CHECK(problem_of("<a>" + std::string{wrong} + "</a>") == Problem::not_well_formed);
  CHECK(problem_of(std::string{"<a>\0</a>", 8}) == Problem::not_well_formed);
}

TEST_CASE("]]> stands only at the end of CDATA") {
  CHECK(problem_of("<a>]] ]> ]]&gt;<![CDATA[]]]]></a>") == Problem::none);
  CHECK(problem_of("<a>x]]>y</a>") == Problem::not_well_formed);
  CHECK(problem_of("<a b=']]>'/>") == Problem::none);
  CHECK(problem_of("<a><![CDATA[</a>") == Problem::not_well_formed);
}

TEST_CASE("prefixes are declared, and the reserved ones are left alone") {
  CHECK(problem_of("<p:a/>") == Problem::invalid_namespace);
  CHECK(problem_of("<a p:b='1'/>") == Problem::invalid_namespace);
  CHECK(problem_of("<a><b xmlns:p='u'/><p:c/></a>") == Problem::invalid_namespace);
  CHECK(problem_of("<a xmlns:p=''/>") == Problem::invalid_namespace);
  CHECK(problem_of("<a xmlns='u&amp;v'/>") == Problem::invalid_namespace);
  CHECK(problem_of("<a xmlns='urn:\xc3\xa9'/>") == Problem::invalid_namespace);
  // Some parsers put one of these between namespace and name (CVE-2022-25236).
  for (const char separator : std::string_view{" \"<>[]\\^`{|}\x7f"}) {
    if (separator == '<') continue;
    CHECK(problem_of(std::string{"<a xmlns='u"} + separator + "v'/>") == Problem::invalid_namespace);
    CHECK(problem_of(std::string{"<a xmlns:p='u"} + separator + "v'/>") == Problem::invalid_namespace);
  }
  CHECK(problem_of("<a xmlns:xml='u'/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<a xmlns='http://www.w3.org/2000/xmlns/'/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<a xmlns:xmlns='u'/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<xmlns:a/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>") == Problem::none);
  CHECK(problem_of("<a:b:c/>") == Problem::not_well_formed);
  CHECK(problem_of("<:a/>") == Problem::not_well_formed);
  CHECK(problem_of("<a:/>") == Problem::not_well_formed);
}

TEST_CASE("each limit has its problem") {
  CHECK(problem_of("<a>12345</a>", {.bytes = 11}) == Problem::too_large);
  CHECK(problem_of("<a><b/></a>", {.depth = 1}) == Problem::too_deep);
  CHECK(problem_of("<a b='' c=''/>", {.attributes = 1}) == Problem::too_many_attributes);
  CHECK(problem_of("<a xmlns='u'><b xmlns='v'/></a>", {.namespaces = 1}) == Problem::too_many_namespaces);
  CHECK(problem_of("<a><b/><b/></a>", {.nodes = 2}) == Problem::too_many_nodes);
  CHECK(problem_of("<" + std::string(70000, 'n') + "/>") == Problem::too_large);
  CHECK(problem_of("<a" + many(300, " xmlns:p", "='u'") + "/>") == Problem::too_many_namespaces);
}

TEST_CASE("the default namespace is the stream's until somebody else's") {
  Parser parser;
  const auto index = parser.parse("<a><b xmlns='jabber:iq:last'><c xmlns=''/></b><d/></a>", StreamScope::server(), {});

  REQUIRE(index);
  const Element a{*index};
  CHECK(a.namespace_id() == ns::server.id);
  CHECK(a.child("b")->namespace_id() == ns::last.id);
  CHECK(a.child("b")->child("c")->namespace_uri() == "");
  CHECK(a.child("d")->namespace_id() == ns::server.id);
}

TEST_CASE("a stream header gives its scope") {
  Parser parser;
  const auto open = parser.parse_open(
      "<stream:stream to='x' xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>", {});

  REQUIRE(open);
  CHECK(Element{*open}.is("stream", ns::streams));
  CHECK(*Element{*open}.attr("to") == "x");
  CHECK(Parser::scope_of(*open) == StreamScope::client());
  CHECK(!parser.parse_open("<stream:stream>", {}));
  CHECK(!parser.parse_open("<stream/>", {}));
  CHECK(!parser.parse_open("<stream> ", {}));
}

TEST_CASE("a stream ends with the tag it began with") {
  CHECK(Parser::check_close("</stream:stream>", "stream:stream") == Problem::none);
  CHECK(Parser::check_close("</stream:stream \n>", "stream:stream") == Problem::none);
  CHECK(Parser::check_close("</stream>", "stream:stream") == Problem::not_well_formed);
  CHECK(Parser::check_close("</stream:streamx>", "stream:stream") == Problem::not_well_formed);
  CHECK(Parser::check_close("</stream:stream x>", "stream:stream") == Problem::not_well_formed);
}

TEST_CASE("a declaration says UTF-8 or nothing") {
  CHECK(Parser::check_declaration("<?xml version='1.0'?>") == Problem::none);
  CHECK(Parser::check_declaration("<?xml version=\"1.0\" encoding='utf-8' standalone='yes' ?>") == Problem::none);
  CHECK(Parser::check_declaration("<?xml version='1.0' encoding='UTF-16'?>") == Problem::unsupported_encoding);
  CHECK(Parser::check_declaration("<?xml?>") == Problem::not_well_formed);
  CHECK(Parser::check_declaration("<?xml ?>") == Problem::not_well_formed);
  CHECK(Parser::check_declaration("<?xml version='2.0'?>") == Problem::not_well_formed);
  CHECK(Parser::check_declaration("<?xml encoding='UTF-8' version='1.0'?>") == Problem::not_well_formed);
  CHECK(Parser::check_declaration("<?xml version='1.0'encoding='UTF-8'?>") == Problem::not_well_formed);
}

TEST_CASE("bombs are refused or done in one pass") {
  std::string deep, wide = "<a>", prefixes = "<a";
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  for (int i = 0; i < 70000; ++i) wide += "<b/>";
  for (int i = 0; i < 50000; ++i) prefixes += " a" + std::to_string(i) + "=''";
  const Limits roomy{.bytes = 1u << 22, .attributes = 65000};

  CHECK(problem_of(deep, roomy) == Problem::too_deep);
  CHECK(problem_of(wide + "</a>", roomy) == Problem::too_many_nodes);
  CHECK(problem_of(prefixes + "/>", roomy) == Problem::none);
  CHECK(problem_of(prefixes + " a77=''/>", roomy) == Problem::not_well_formed);
  CHECK(problem_of("<!DOCTYPE a [<!ENTITY l 'lol'>]><a>&l;</a>") != Problem::none);
  CHECK(problem_of("<a>&l;</a>") == Problem::not_well_formed);
}

TEST_CASE("parsing allocates nothing once the arrays have grown") {
  Parser parser;
  const auto parsed = [&] { return parser.parse("<a b='1' c='2'><d xmlns='urn:d'/>x</a>", StreamScope::client(), {}); };
  const auto first = parsed();
  REQUIRE(first);
  const auto* const nodes = first->nodes.data();

  const auto second = parsed();

  REQUIRE(second);
  CHECK(second->nodes.data() == nodes);
}

TEST_CASE("names are those that all parsers take") {
  CHECK(problem_of("<caf\xc3\xa9/>") == Problem::none);
  CHECK(problem_of("<a \xe4\xb8\xad=''/>") == Problem::none);
  CHECK(problem_of("<a\xcc\x81/>") == Problem::none);
  CHECK(problem_of("<\xcc\x81/>") == Problem::not_well_formed);
  // Letters of the fifth edition of XML 1.0 only: U+0370, U+1E9C, U+10000.
  CHECK(problem_of("<\xcd\xb0/>") == Problem::not_well_formed);
  CHECK(problem_of("<a b\xe1\xba\x9c=''/>") == Problem::not_well_formed);
  CHECK(problem_of("<\xf0\x90\x80\x80/>") == Problem::not_well_formed);
  const std::string longest(1024, 'a');
  CHECK(problem_of("<" + longest + "/>") == Problem::none);
  CHECK(problem_of("<a" + longest + "/>") == Problem::too_large);
  CHECK(problem_of("<a a" + longest + "=''/>") == Problem::too_large);
  CHECK(problem_of("<a xmlns:a" + longest + "='u'/>") == Problem::too_large);
}
