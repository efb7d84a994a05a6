// SPDX-License-Identifier: Apache-2.0
#include "xml/splitter.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "xml/marks.h"

using namespace meerkat::xml;
using Found = Splitter::Found;

namespace {

const std::string header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

// What comes after a header, as pieces of text; ends with the problem, if there is one.
struct Split {
  std::vector<std::string> pieces;
  Problem problem = Problem::none;
};

Split split(const std::string& bytes, std::size_t portion = 1u << 20, const Limits& limits = {}) {
  Split result;
  Splitter splitter;
  std::string piece;
  for (std::size_t at = 0; at < bytes.size(); at += portion) {
    std::string_view fresh = std::string_view{bytes}.substr(at, portion);
    while (!fresh.empty()) {
      const auto found = splitter.next(fresh, limits);
      piece += fresh.substr(0, found.consumed);
      fresh.remove_prefix(found.consumed);
      result.problem = found.problem;
      if (found.found == Found::problem) return result;
      if (found.found == Found::more) break;
      if (found.found != Found::space) result.pieces.push_back(piece);
      piece.clear();
    }
  }
  return result;
}

Problem problem_of(const std::string& after_header, const Limits& limits = {}) {
  return split(header + after_header, 1u << 20, limits).problem;
}

}  // namespace

TEST_CASE("a stream is cut into declaration, opening tag, stanzas and end tag") {
  const std::string declaration = "<?xml version='1.0'?>";
  const std::string message = "<message a='>' b=\"'/>\"><body>it's \"x\" > y</body><x/></message>";
  const std::string all = declaration + "\n" + header + " " + message + "<r/>\r\n</stream:stream>\n";

  for (const std::size_t portion : {1u, 2u, 3u, 7u, 64u, 65u, 1000u}) {
    const Split result = split(all, portion);
    CHECK(result.problem == Problem::none);
    CHECK(result.pieces == std::vector<std::string>{declaration, header, message, "<r/>", "</stream:stream>"});
  }
}

TEST_CASE("each kind of piece is told apart") {
  Splitter splitter;
  CHECK(splitter.next("<?xml version='1.0'?><a>", {}).found == Found::declaration);
  CHECK(splitter.next(" <a>", {}).found == Found::space);
  CHECK(splitter.next("<a>", {}).found == Found::open);
  CHECK(splitter.between_pieces());
  CHECK(splitter.next("<b><c", {}).found == Found::more);
  CHECK(!splitter.between_pieces());
  CHECK(splitter.next("/></b>", {}).found == Found::element);
  CHECK(splitter.next("</a>", {}).found == Found::close);
  CHECK(splitter.next("", {}).found == Found::more);
}

TEST_CASE("CDATA hides tags, wherever it is cut") {
  const std::string stanza = "<m><b><![CDATA[</b></m>]]]]><![CDATA[>]] >]]></b></m>";
  for (std::size_t portion = 1; portion < 12; ++portion)
    CHECK(split(header + stanza, portion).pieces == std::vector<std::string>{header, stanza});
}

TEST_CASE("comments, instructions and document types are refused") {
  CHECK(problem_of("<!-- x -->") == Problem::restricted_xml);
  CHECK(problem_of("<a><!-- x --></a>") == Problem::restricted_xml);
  CHECK(problem_of("<a><![CDATX[]]></a>") == Problem::restricted_xml);
  CHECK(problem_of("<a><?php x?></a>") == Problem::restricted_xml);
  CHECK(problem_of("<?xml version='1.0'?>") == Problem::restricted_xml);
  CHECK(split("<!DOCTYPE x [<!ENTITY a 'b'>]>").problem == Problem::restricted_xml);
  CHECK(split("<?xml-stylesheet x?>").problem == Problem::restricted_xml);
  CHECK(split("<?xml version='1.0'?><?xml version='1.0'?>").problem == Problem::restricted_xml);
  CHECK(split(" <?xml version='1.0'?>").problem == Problem::restricted_xml);
}

TEST_CASE("text between stanzas is refused, white space is not") {
  CHECK(problem_of(" \r\n\t<a/>") == Problem::none);
  CHECK(problem_of("x<a/>") == Problem::text_between_stanzas);
  CHECK(problem_of("&#32;<a/>") == Problem::text_between_stanzas);
}

TEST_CASE("what is no stream is refused at once") {
  CHECK(split("GET / HTTP/1.1\r\n").problem == Problem::not_well_formed);
  CHECK(split("\x16\x03\x01").problem == Problem::not_well_formed);
  CHECK(split("\xef\xbb\xbf<a>").problem == Problem::not_well_formed);
  CHECK(split("</a>").problem == Problem::not_well_formed);
  CHECK(split("<a/>").problem == Problem::not_well_formed);
  CHECK(problem_of("<a <b/></a>") == Problem::not_well_formed);
  CHECK(problem_of("<a b='<'/>") == Problem::not_well_formed);
  CHECK(problem_of("< a/>") == Problem::not_well_formed);
  CHECK(problem_of("<>") == Problem::not_well_formed);
}

TEST_CASE("nothing but white space comes after the end of the stream") {
  CHECK(problem_of("</stream:stream>\n") == Problem::none);
  CHECK(problem_of("</stream:stream><message/>") == Problem::not_well_formed);
  CHECK(problem_of("</stream:stream></stream:stream>") == Problem::not_well_formed);
}

TEST_CASE("a problem stays until the stream is restarted") {
  Splitter splitter;
  CHECK(splitter.next("x", {}).problem == Problem::not_well_formed);
  CHECK(splitter.next("<a>", {}).problem == Problem::not_well_formed);
  splitter.restart();
  CHECK(splitter.next("<a>", {}).found == Found::open);
}

TEST_CASE("after a restart white space may come before the declaration") {
  Splitter splitter;
  splitter.restart();
  CHECK(splitter.next("\n<?xml version='1.0'?>", {}).found == Found::space);
  CHECK(splitter.next("<?xml version='1.0'?>", {}).found == Found::declaration);
}

TEST_CASE("a piece may be as large as the limit, and not one byte larger") {
  const std::string stanza = "<m>" + std::string(93, 'x') + "</m>";
  for (const std::size_t portion : {1u, 10u, 64u, 1000u}) {
    CHECK(split(header + stanza + "<a/>", portion, {.bytes = 100}).pieces.size() == 3);
    CHECK(split(header + stanza, portion, {.bytes = 99}).problem == Problem::too_large);
  }
}

TEST_CASE("too large is known without the end of the piece") {
  for (const std::string open : {"<", "<m", "<m a='", "<m><![CDATA[", "<m>"}) {
    const std::string endless = open + std::string(100, 'x');
    CHECK(problem_of(endless, {.bytes = 100}) == Problem::too_large);
  }
}

TEST_CASE("a stanza may nest as deep as the limit, and not deeper") {
  CHECK(problem_of("<a><b><c/></b></a>", {.depth = 3}) == Problem::none);
  CHECK(problem_of("<a><b><c><d/>", {.depth = 3}) == Problem::too_deep);
  CHECK(problem_of("<a><b><c><d>", {.depth = 3}) == Problem::too_deep);
}

TEST_CASE("the portable way of finding marks finds the same") {
  std::string block(64, '\0');
  std::uint32_t seed = 1;
  for (int round = 0; round < 20000; ++round) {
    seed = seed * 1664525u + 1013904223u;
    block[seed >> 26] = static_cast<char>(seed >> 8 & 1 ? "<>'\"=?&\xbc"[seed >> 10 & 7] : seed >> 12);
    CHECK(marks_of(block.data()) == portable_marks(block.data()));
  }
}

TEST_CASE("a large piece may come byte by byte") {
  const std::string stanza = "<m a='" + std::string(120000, 'x') + "'><b>" + std::string(120000, 'y') + "</b></m>";
  CHECK(split(header + stanza, 1).pieces.size() == 2);
}
