// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_header.h"

#include <doctest/doctest.h>

#include <string>

using namespace meerkat;
using namespace std::string_literals;

namespace {

using State = ProxyHeader::State;

// What is left of the bytes, and what the header said; fed byte by byte as well, which must come to the same.
struct Outcome {
  State state;
  std::string source, rest;
};

Outcome read(const std::string& bytes) {
  ProxyHeader whole, pieces;
  const std::size_t taken = whole.feed(bytes);
  std::size_t taken_in_pieces = 0;
  for (const char byte : bytes) taken_in_pieces += pieces.feed({&byte, 1});
  CHECK(taken == taken_in_pieces);
  CHECK(whole.state() == pieces.state());
  CHECK(whole.source() == pieces.source());
  CHECK(whole.problem().empty() == (whole.state() != State::wrong));
  const auto& source = whole.source();
  return {whole.state(), source ? source->ip.text() + " " + std::to_string(source->port) : "", bytes.substr(taken)};
}

std::string v2(char command, char family, const std::string& content) {
  return "\r\n\r\n\0\r\nQUIT\n"s + command + family + static_cast<char>(content.size() >> 8) +
         static_cast<char>(content.size()) + content;
}

const std::string v4_addresses = "\xc0\x00\x02\x01\xc6\x33\x64\x02\xdc\x04\x14\x66"s;
const std::string v6_addresses =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s + "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\xdc\x04\x14\x66"s;

}  // namespace

TEST_CASE("a proxy header of version 1 tells the source, and what follows is left alone") {
  const Outcome v4 = read("PROXY TCP4 192.0.2.1 198.51.100.2 56324 5222\r\n<?xml");
  CHECK(v4.state == State::done);
  CHECK(v4.source == "192.0.2.1 56324");
  CHECK(v4.rest == "<?xml");

  const Outcome v6 = read("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
  CHECK(v6.source == "2001:db8::1 1");
  CHECK(v6.rest.empty());

  const Outcome unknown = read("PROXY UNKNOWN\r\n<");
  CHECK(unknown.state == State::done);
  CHECK(unknown.source.empty());
  CHECK(read("PROXY UNKNOWN ff:: ff:: 1 2\r\n").state == State::done);
  const std::string longest = "PROXY UNKNOWN " + std::string(ProxyHeader::longest_v1 - 16, 'x') + "\r\n";
  CHECK(read(longest).state == State::done);
}

TEST_CASE("a proxy header of version 1 that is wrong is refused") {
  for (const char* const line :
       {"GET / HTTP/1.1\r\n", "<?xml version='1.0'?>", "proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 5222\n", "PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 5222 6\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 65536 5222\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 01 5222\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 -1 5222\r\n",
        "PROXY TCP4 192.0.2.1  198.51.100.2 1 5222\r\n", "PROXY TCP4 2001:db8::1 198.51.100.2 1 5222\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.2 1 5222\r\n", "PROXY TCP5 192.0.2.1 198.51.100.2 1 5222\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 \r\n", "PROXY \r\n", "PROXY TCP4\r\n"}) {
    CAPTURE(line);
    CHECK(read(line).state == State::wrong);
  }
  CHECK(read("PROXY TCP4 192.0.2.1\0 198.51.100.2 1 5222\r\n"s).state == State::wrong);
  CHECK(read("PROXY UNKNOWN " + std::string(200, 'x')).state == State::wrong);
}

TEST_CASE("a proxy header of version 2 tells the source") {
  const Outcome v4 = read(v2('\x21', '\x11', v4_addresses) + "<?xml");
  CHECK(v4.state == State::done);
  CHECK(v4.source == "192.0.2.1 56324");
  CHECK(v4.rest == "<?xml");
  CHECK(read(v2('\x21', '\x12', v4_addresses)).source == "192.0.2.1 56324");
  CHECK(read(v2('\x21', '\x21', v6_addresses)).source == "2001:db8::1 56324");
}

TEST_CASE("a proxy that speaks for itself, or for somebody without an address, tells no source") {
  for (const std::string& header : {v2('\x20', '\0', ""), v2('\x20', '\x11', v4_addresses), v2('\x20', '\x7f', "junk"),
                                    v2('\x21', '\0', "junk"), v2('\x21', '\x31', std::string(216, 'p'))}) {
    const Outcome outcome = read(header + "<");
    CHECK(outcome.state == State::done);
    CHECK(outcome.source.empty());
    CHECK(outcome.rest == "<");
  }
}

TEST_CASE("a proxy header of version 2 that is wrong is refused") {
  CHECK(read(v2('\x11', '\x11', v4_addresses)).state == State::wrong);
  CHECK(read(v2('\x22', '\x11', v4_addresses)).state == State::wrong);
  CHECK(read(v2('\x21', '\x41', v4_addresses)).state == State::wrong);
  CHECK(read(v2('\x21', '\x13', v4_addresses)).state == State::wrong);
  CHECK(read(v2('\x21', '\x01', "")).state == State::wrong);
  CHECK(read(v2('\x21', '\x11', "")).state == State::wrong);
  CHECK(read(v2('\x21', '\x21', v4_addresses)).state == State::wrong);
  CHECK(read(v2('\x21', '\x11', std::string(ProxyHeader::longest_v2, 'x'))).state == State::wrong);
  CHECK(read("\r\n\r\n\0\r\nQUIX\n"s).state == State::wrong);
}

TEST_CASE("extras of a proxy header are skipped when they are whole") {
  CHECK(read(v2('\x21', '\x11', v4_addresses + "\x01\0\x05xmpp!\x04\0\0"s)).source == "192.0.2.1 56324");
  for (const std::string& extra : {"\x01"s, "\x01\0"s, "\x01\0\x01"s, "\x01\xff\xff"s, "\x03\0\x02xx"s})
    CHECK(read(v2('\x21', '\x11', v4_addresses + extra)).state == State::wrong);
}

TEST_CASE("a checksum in a proxy header must be right") {
  // CRC-32C of the header with zeros in its place, computed by another program.
  const std::string right = v2('\x21', '\x11', v4_addresses + "\x03\0\x04"s + "\xff\x7b\xbd\x9f"s);
  CHECK(read(right).state == State::done);
  std::string wrong = right;
  wrong[17] ^= 1;
  CHECK(read(wrong).state == State::wrong);
  CHECK(read(v2('\x21', '\x11', v4_addresses + "\x03\0\x04\0\0\0\0"s)).state == State::wrong);
}

TEST_CASE("an unfinished proxy header waits for more") {
  const std::string whole = v2('\x21', '\x11', v4_addresses + "\x01\0\x05xmpp!"s);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ProxyHeader header;
    CHECK(header.feed(std::string_view{whole}.substr(0, length)) == length);
    CHECK(header.state() == State::more);
    CHECK(header.feed(std::string_view{whole}.substr(length)) == whole.size() - length);
    CHECK(header.state() == State::done);
  }
}
