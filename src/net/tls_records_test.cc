// SPDX-License-Identifier: Apache-2.0
// The record protocol alone, against its own mirror image: what no well-behaved client would ever send.
#include <doctest/doctest.h>

#include "base/text.h"
#include "net/tls_records.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/ssl.h>

using namespace meerkat;

namespace {

constexpr std::array all_suites{TlsSuite::aes_128_gcm_sha256, TlsSuite::aes_256_gcm_sha384,
                                TlsSuite::chacha20_poly1305_sha256};

std::string unhex(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 2)
    bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
  return bytes;
}

std::span<const unsigned char> bytes_of(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// Server's records, and a client made of bare keys that can seal whatever a test likes.
struct Pair {
  explicit Pair(TlsSuite suite = TlsSuite::aes_128_gcm_sha256, std::uint64_t sequence = 0) {
    std::array<unsigned char, 48> up{};
    std::array<unsigned char, 48> down{};
    up.fill(0x11);
    down.fill(0x22);
    const std::size_t size = suite == TlsSuite::aes_256_gcm_sha384 ? 48 : 32;
    const std::span<const unsigned char> up_secret{up.data(), size};
    const std::span<const unsigned char> down_secret{down.data(), size};
    REQUIRE(records.start(suite, {up_secret, sequence}, {down_secret, sequence}));
    REQUIRE(sealing.start(suite, up_secret, sequence));
    REQUIRE(opening.start(suite, down_secret, sequence));
  }

  std::string seal(TlsContent kind, std::string_view content, std::size_t padding = 0) {
    std::string record;
    REQUIRE(sealing.seal(kind, content, record, padding));
    return record;
  }

  TlsStatus hears(std::string_view record) {
    last = records.open(record, heard, out);
    return last.status;
  }
  TlsStatus hears(TlsContent kind, std::string_view content, std::size_t padding = 0) {
    return hears(seal(kind, content, padding));
  }

  // Content and kind of the first record that the server sent, taken away.
  std::string next_sent() {
    const std::size_t size = 5 + (static_cast<unsigned char>(out[3]) << 8 | static_cast<unsigned char>(out[4]));
    std::string plain(size, '\0');
    const auto opened = opening.open(out.substr(0, size), plain.data());
    REQUIRE(opened);
    out.erase(0, size);
    plain.resize(*opened);
    return plain;
  }

  // The one alert that was sent, or -1.
  int alert() {
    if (out.empty()) return -1;
    const std::string sent = next_sent();
    CHECK(out.empty());
    return sent.size() == 3 && sent[2] == 21 && sent[0] == 2 ? static_cast<unsigned char>(sent[1]) : -1;
  }

  TlsRecords records;
  TlsTrafficKey sealing;
  TlsTrafficKey opening;
  TlsVerdict last;
  std::string heard;
  std::string out;
};

const std::string update_only{"\x18\x00\x00\x01\x00", 5};
const std::string update_both{"\x18\x00\x00\x01\x01", 5};

}  // namespace

TEST_CASE("keys and records are those of RFC 8448, section 3") {
  const std::string client = unhex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
  const std::string from_client = unhex(
      "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2"
      "977014bd1e3deae63aeebb21694915e4");
  const std::string server = unhex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
  const std::string from_server = unhex(
      "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a2"
      "1c0047c2abf332540dd032e167c2955d");
  std::string content;
  for (char c = 0; c < 50; ++c) content += c;
  TlsRecords records;
  REQUIRE(records.start(TlsSuite::aes_128_gcm_sha256, {bytes_of(client), 0}, {bytes_of(server), 1}));
  std::string heard;
  std::string sent;

  CHECK(records.open(from_client, heard, sent).status == TlsStatus::ok);
  REQUIRE(records.send(content, sent));

  CHECK(heard == content);
  CHECK(hex(sent) == hex(from_server));
}

TEST_CASE("what one side seals the other opens, with every suite") {
  for (const TlsSuite suite : all_suites) {
    Pair pair{suite};

    CHECK(pair.hears(TlsContent::application_data, "to the server") == TlsStatus::ok);
    REQUIRE(pair.records.send("to the client", pair.out));

    CHECK(pair.heard == "to the server");
    CHECK(pair.next_sent() == "to the client\x17");
  }
}

TEST_CASE("padding is taken away, and content that ends in zeros is not") {
  Pair pair;
  const std::string with_zeros{"zeros\0\0", 7};

  CHECK(pair.hears(TlsContent::application_data, with_zeros, 100) == TlsStatus::ok);
  CHECK(pair.hears(TlsContent::application_data, "", 40) == TlsStatus::ok);
  CHECK(pair.hears(TlsContent::application_data, "") == TlsStatus::ok);

  CHECK(pair.heard == with_zeros);
}

TEST_CASE("a record of nothing but padding is refused") {
  Pair pair;

  CHECK(pair.hears(static_cast<TlsContent>(0), "", 20) == TlsStatus::failed);

  CHECK(pair.alert() == SSL_AD_UNEXPECTED_MESSAGE);
}

TEST_CASE("the largest record is opened, one byte more is refused, padding included") {
  Pair fitting;
  CHECK(fitting.hears(TlsContent::application_data, std::string(16384, 'x')) == TlsStatus::ok);
  CHECK(fitting.hears(TlsContent::application_data, "x", 16383) == TlsStatus::ok);
  CHECK(fitting.heard.size() == 16385);
  for (const auto& [content, padding] : {std::pair{16385, 0}, {16384, 1}, {1, 16384}, {16600, 0}}) {
    Pair pair;

    CHECK(pair.hears(TlsContent::application_data, std::string(static_cast<std::size_t>(content), 'x'),
                     static_cast<std::size_t>(padding)) == TlsStatus::failed);

    CHECK(pair.heard.empty());
    CHECK(pair.alert() == SSL_AD_RECORD_OVERFLOW);
  }
}

TEST_CASE("changed, short, repeated and left-out records are refused alike") {
  for (const TlsSuite suite : all_suites) {
    for (std::size_t at = 1; at < 5 + 6 + 16; ++at) {
      Pair pair{suite};
      std::string record = pair.seal(TlsContent::application_data, "plain");
      record[at] = static_cast<char>(record[at] ^ 0x40);
      CHECK(pair.hears(record) == TlsStatus::failed);
      CHECK(pair.heard.empty());
      CHECK(pair.alert() == SSL_AD_BAD_RECORD_MAC);
    }
  }
  for (std::size_t body = 0; body < 16; ++body) {
    Pair pair;
    CHECK(pair.hears(std::string{"\x17\x03\x03\x00", 4} + static_cast<char>(body) + std::string(body, 'x')) ==
          TlsStatus::failed);
    CHECK(pair.alert() == SSL_AD_BAD_RECORD_MAC);
  }
  Pair repeated;
  const std::string record = repeated.seal(TlsContent::application_data, "once");
  CHECK(repeated.hears(record) == TlsStatus::ok);
  CHECK(repeated.hears(record) == TlsStatus::failed);
  CHECK(repeated.heard == "once");
  Pair skipped;
  skipped.seal(TlsContent::application_data, "lost");
  CHECK(skipped.hears(TlsContent::application_data, "next") == TlsStatus::failed);
}

TEST_CASE("records that are not encrypted, and kinds that have no place, are refused") {
  for (const std::string outer :
       {"\x14\x03\x03\x00\x01\x01", "\x15\x03\x03\x00\x02\x01\x00", "\x16\x03\x03\x00\x01\x18"}) {
    Pair pair;
    CHECK(pair.hears(std::string{outer.c_str(), 5} + "x") == TlsStatus::failed);
    CHECK(pair.alert() == SSL_AD_UNEXPECTED_MESSAGE);
  }
  for (const int kind : {1, 19, 20, 24, 255}) {
    Pair pair;
    CHECK(pair.hears(static_cast<TlsContent>(kind), "x") == TlsStatus::failed);
    CHECK(pair.alert() == SSL_AD_UNEXPECTED_MESSAGE);
  }
}

TEST_CASE("what does not look like a record is refused with the alert that fits") {
  for (const auto& [header, alert] : {std::pair{std::string{"\x16\x03\x03\x00\x01", 5}, SSL_AD_UNEXPECTED_MESSAGE},
                                      {std::string{"<stre"}, SSL_AD_UNEXPECTED_MESSAGE},
                                      {std::string{"\x17\x02\x03\x00\x20", 5}, SSL_AD_DECODE_ERROR},
                                      {std::string{"\x17\x03\x03\x41\x01", 5}, SSL_AD_RECORD_OVERFLOW}}) {
    Pair pair;

    CHECK(pair.records.refuse(header, pair.out).status == TlsStatus::failed);

    CHECK(pair.alert() == alert);
  }
}

TEST_CASE("alerts: close_notify closes, a cancelled user is waited for, the rest fails with words") {
  Pair closed;
  CHECK(closed.hears(TlsContent::alert, {"\x01\x5a", 2}) == TlsStatus::ok);
  CHECK(closed.hears(TlsContent::alert, {"\x01\x00", 2}) == TlsStatus::closed);
  CHECK(closed.out.empty());
  Pair failed;
  CHECK(failed.hears(TlsContent::alert, {"\x01\x30", 2}) == TlsStatus::failed);
  CHECK(failed.last.because == "the other side says: unknown CA");
  CHECK(failed.out.empty());
  for (const std::string_view strange : {std::string_view{}, {"\x01", 1}, {"\x01\x00\x01\x00", 4}}) {
    Pair pair;
    CHECK(pair.hears(TlsContent::alert, strange) == TlsStatus::failed);
    CHECK(pair.alert() == SSL_AD_DECODE_ERROR);
  }
}

TEST_CASE("of the handshake only key updates are heard, each at the end of its record") {
  const std::string client_hello{"\x01\x00\x00\x05xxxxx", 9};
  for (const auto& [message, alert] : {std::pair{client_hello, SSL_AD_UNEXPECTED_MESSAGE},
                                       {std::string{}, SSL_AD_UNEXPECTED_MESSAGE},
                                       {update_only + update_only, SSL_AD_UNEXPECTED_MESSAGE},
                                       {update_only + "x", SSL_AD_UNEXPECTED_MESSAGE},
                                       {std::string{"\x18\x00\x00\x00", 4}, SSL_AD_DECODE_ERROR},
                                       {std::string{"\x18\x00\x00\x02\x00\x01", 6}, SSL_AD_DECODE_ERROR},
                                       {std::string{"\x18\x00\x00\x01\x02", 5}, SSL_AD_ILLEGAL_PARAMETER}}) {
    Pair pair;

    CHECK(pair.hears(TlsContent::handshake, message) == TlsStatus::failed);

    CHECK(pair.alert() == alert);
  }
}

TEST_CASE("a key update may come in pieces, with nothing in between") {
  Pair pair;
  for (const char& byte : update_only) CHECK(pair.hears(TlsContent::handshake, {&byte, 1}) == TlsStatus::ok);
  REQUIRE(pair.sealing.update());
  CHECK(pair.hears(TlsContent::application_data, "new key") == TlsStatus::ok);
  CHECK(pair.heard == "new key");

  CHECK(pair.hears(TlsContent::handshake, update_only.substr(0, 2)) == TlsStatus::ok);
  CHECK(pair.hears(TlsContent::application_data, "in between") == TlsStatus::failed);
  CHECK(pair.heard == "new key");
  CHECK(pair.alert() == SSL_AD_UNEXPECTED_MESSAGE);
}

TEST_CASE("many requests for a new key are answered once, before the next data") {
  for (const TlsSuite suite : all_suites) {
    Pair pair{suite};
    for (int i = 0; i < 5; ++i) {
      CHECK(pair.hears(TlsContent::handshake, update_both) == TlsStatus::ok);
      REQUIRE(pair.sealing.update());
    }
    CHECK(pair.out.empty());

    REQUIRE(pair.records.send("data", pair.out));

    CHECK(pair.next_sent() == update_only + "\x16");
    REQUIRE(pair.opening.update());
    CHECK(pair.next_sent() == "data\x17");
    CHECK(pair.out.empty());
  }
}

TEST_CASE("a key that has sealed enough is replaced without being asked") {
  Pair pair{TlsSuite::aes_128_gcm_sha256, tls_record::most_under_one_key - 1};

  REQUIRE(pair.records.send("last of the old", pair.out));
  REQUIRE(pair.records.send("first of the new", pair.out));

  CHECK(pair.next_sent() == "last of the old\x17");
  CHECK(pair.next_sent() == update_only + "\x16");
  REQUIRE(pair.opening.update());
  CHECK(pair.next_sent() == "first of the new\x17");
}

TEST_CASE("numbers do not start again: the last one ends the session") {
  Pair pair{TlsSuite::aes_128_gcm_sha256, ~std::uint64_t{0}};
  std::string record;

  CHECK(!pair.sealing.seal(TlsContent::application_data, "x", record));

  CHECK(record.empty());
  CHECK(pair.hears(std::string{"\x17\x03\x03\x00\x11", 5} + std::string(17, 'x')) == TlsStatus::failed);
}

TEST_CASE("nothing is said after close_notify, whatever comes") {
  Pair pair;
  pair.records.close(pair.out);
  CHECK(pair.next_sent() == std::string{"\x01\x00\x15", 3});

  CHECK(!pair.records.send("too late", pair.out));
  CHECK(!pair.records.update_keys(TlsRecords::Answer::wanted, pair.out));
  CHECK(pair.hears(TlsContent::handshake, update_both) == TlsStatus::ok);
  pair.records.close(pair.out);
  CHECK(pair.hears(std::string{"\x17\x03\x03\x00\x11", 5} + std::string(17, 'x')) == TlsStatus::failed);

  CHECK(pair.out.empty());
}
