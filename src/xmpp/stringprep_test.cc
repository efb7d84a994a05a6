// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stringprep.h"

#include <doctest/doctest.h>

using namespace meerkat;

TEST_CASE("a node is folded to lower case and composed") {
  CHECK(nodeprep("Juliet") == "juliet");
  CHECK(nodeprep("\u03a3\u03a3") == "\u03c3\u03c3");                // Greek sigma
  CHECK(nodeprep("stra\u00dfe") == "strasse");                      // RFC 3454 B.2
  CHECK(nodeprep("e\u0301") == "\u00e9");                           // NFKC
  CHECK(nodeprep("\u017f\u212a") == "sk");                          // long s, Kelvin sign
  CHECK(nodeprep("soft\u00adhyphen\u00e9") == "softhyphen\u00e9");  // B.1: mapped to nothing
}

TEST_CASE("a node has no space, no control and none of the eight separators") {
  for (const char* bad : {"a b", "a\tb", "a\x7f", "a\"b", "a&b", "a'b", "a/b", "a:b", "a<b", "a>b", "a@b"}) {
    CAPTURE(bad);
    CHECK(!nodeprep(bad));
    CHECK(!nodeprep(std::string{bad} + "\u00e9"));
  }
  CHECK(!nodeprep(std::string_view{"a\0b", 3}));
  CHECK(!nodeprep("a\uff20b"));  // full-width @
  CHECK(!nodeprep("a\u00a0b"));  // no-break space
  CHECK(!nodeprep("a\u2028b"));  // line separator
  CHECK(!nodeprep("a\ue000b"));  // private use
  CHECK(!nodeprep("a\u200eb"));  // left-to-right mark
  CHECK(!nodeprep("a\ufffdb"));  // replacement character
}

TEST_CASE("right-to-left text does not mix with left-to-right text") {
  CHECK(nodeprep("\u05d0\u05d1"));
  CHECK(!nodeprep("\u05d0a\u05d1"));
  CHECK(!nodeprep("\u06271"));  // ends in a digit: RFC 3454 §6
}

TEST_CASE("what Unicode 3.2 does not know is refused unless allowed") {
  CHECK(!nodeprep("smile\U0001f600"));
  CHECK(!resourceprep("smile\U0001f600"));
  CHECK(resourceprep("smile\U0001f600", Unassigned::allowed) == "smile\U0001f600");
  CHECK(!saslprep("smile\U0001f600"));
  CHECK(saslprep("smile\U0001f600", Unassigned::allowed) == "smile\U0001f600");
}

TEST_CASE("a resource keeps case and spaces, but loses compatibility forms") {
  CHECK(resourceprep(" Balcony / @ ") == " Balcony / @ ");
  CHECK(resourceprep("\u2163") == "IV");
  CHECK(!resourceprep("line\nbreak"));
}

TEST_CASE("a prepared part has 1 to 1023 bytes") {
  const std::string longest(1023, 'a');
  CHECK(nodeprep(longest) == longest);
  CHECK(!nodeprep(longest + "a"));
  CHECK(!nodeprep(""));
  CHECK(!resourceprep(""));
  CHECK(!nodeprep("\u00ad"));  // nothing remains
  std::string accented(1022, 'a');
  CHECK(resourceprep(accented.substr(1) + "\u00e9"));
  CHECK(!resourceprep(accented + "\u00e9"));
  std::string grows;
  for (int i = 0; i < 100; ++i) grows += "\ufdfa";  // 18 code points each
  CHECK(!resourceprep(grows));
}

TEST_CASE("only well-formed UTF-8 is text") {
  for (const std::string_view bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80",
                                     "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82"}) {
    CHECK(!is_utf8(bad));
    CHECK(!nodeprep(bad));
    CHECK(!resourceprep(bad, Unassigned::allowed));
    CHECK(!domainprep(bad));
  }
  CHECK(is_utf8("\u00e9\u20ac\U0001f600"));
  CHECK(is_utf8("\uffff"));
}

TEST_CASE("a domain is prepared label by label") {
  CHECK(domainprep("Example.NET") == "example.net");
  CHECK(domainprep("example.net.") == "example.net");
  CHECK(domainprep("localhost") == "localhost");
  CHECK(domainprep("B\u00dcCHER.example") == "b\u00fccher.example");
  CHECK(domainprep("example\u3002net") == "example.net");
  CHECK(domainprep("example\uff0enet\uff61") == "example.net");
  CHECK(domainprep("_xmpp._tcp.example.net") == "_xmpp._tcp.example.net");
  CHECK(domainprep("192.0.2.1") == "192.0.2.1");
  CHECK(domainprep("\uff25xample.net") == "example.net");
}

TEST_CASE("ASCII forms of IDNA become Unicode where IDNA takes them back") {
  CHECK(domainprep("XN--bcher-kva.example") == "b\u00fccher.example");
  CHECK(domainprep("xn--strae-oqa.de") == "xn--strae-oqa.de");  // ß: valid in IDNA 2008 only
  CHECK(domainprep("xn--999999999") == "xn--999999999");        // no Punycode
}

TEST_CASE("domains that no host could bear are refused") {
  const std::string label(63, 'a');
  CHECK(domainprep(label + ".net"));
  CHECK(!domainprep(label + "a.net"));
  for (const char* bad : {"",
                          ".",
                          "..",
                          ".net",
                          "a..net",
                          "net..",
                          "-a.net",
                          "a-.net",
                          "a b.net",
                          "a@b",
                          "a/b",
                          "a:5222",
                          "a%.net",
                          "\u00ad.net",
                          "a.\u00ad",
                          "\u2024net",
                          "\u2488net",
                          "-\u00e9.net",
                          "\u00e9-.net",
                          "xn--\u00e9.net",
                          "\u00e9 .net",
                          "smile\U0001f600.net"}) {
    CAPTURE(bad);
    CHECK(!domainprep(bad));
  }
  std::string wide;  // 60 code points, more than 63 bytes of Punycode
  for (int i = 0; i < 60; ++i) wide += i % 2 ? "\u00e9" : "\u4e00";
  CHECK(!domainprep(wide));
  std::string many;
  while (many.size() < 1022) many += "a.";
  CHECK(domainprep(many + "a")->size() == 1023);
  CHECK(!domainprep(many + "aa"));
}

TEST_CASE("IPv6 literals come out in one form") {
  CHECK(domainprep("[::1]") == "[::1]");
  CHECK(domainprep("[2001:DB8:0:0::1]") == "[2001:db8::1]");
  for (const char* bad : {"[", "[]", "[::1", "::1]", "[::1]x", "[fe80::1%eth0]", "[1.2.3.4]", "[:::]", "[::1]."}) {
    CAPTURE(bad);
    CHECK(!domainprep(bad));
  }
  CHECK(!domainprep(std::string_view{"[::1\0]", 6}));
}

TEST_CASE("SASLprep follows the examples of RFC 4013") {
  CHECK(saslprep("I\u00adX") == "IX");
  CHECK(saslprep("user") == "user");
  CHECK(saslprep("USER") == "USER");
  CHECK(saslprep("\u00aa") == "a");
  CHECK(saslprep("\u2168") == "IX");
  CHECK(!saslprep("\x07"));
  CHECK(!saslprep("\u06271"));
  CHECK(saslprep("a\u00a0b") == "a b");
}

TEST_CASE("every code point that is prepared stays as it is when prepared again") {
  int unstable = 0;
  for (char32_t code = 1; code < 0x11000; ++code) {
    if (code >= 0xd800 && code < 0xe000) continue;
    std::string text;
    if (code < 0x80)
      text = {static_cast<char>(code)};
    else if (code < 0x800)
      text = {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
    else if (code < 0x10000)
      text = {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
              static_cast<char>(0x80 | (code & 63))};
    else
      continue;
    const auto node = nodeprep(text), domain = domainprep(text);
    if (node && nodeprep(*node) != node) ++unstable;
    if (domain && domainprep(*domain) != domain) ++unstable;
  }
  CHECK(unstable == 0);
}

TEST_CASE("texts that Unicode Corrigendum 5 made unstable are refused or stable") {
  for (const char* text : {"\u1100\u0300\u1161", "\u0b47\u0300\u0b3e"}) {
    const auto once = resourceprep(text);
    CHECK((!once || resourceprep(*once) == once));
  }
}
