// SPDX-License-Identifier: Apache-2.0
// RFC 8446 §5: whatever a peer puts on the wire behind its handshake, with and without the key, TlsRecords ends it with
// an alert or hears just what was said. The first byte chooses the suite and the way.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/tls_records.h"

using namespace meerkat;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Scene {
  explicit Scene(TlsSuite suite) {
    up.fill(1);
    down.fill(2);
    const std::size_t size = suite == TlsSuite::aes_256_gcm_sha384 ? 48 : 32;
    const std::span<const unsigned char> up_secret{up.data(), size};
    const std::span<const unsigned char> down_secret{down.data(), size};
    require(server.start(suite, {up_secret, 0}, {down_secret, 0}));
    require(client.start(suite, {down_secret, 0}, {up_secret, 0}));
    require(sealing.start(suite, up_secret, 0));
  }

  // As TlsSession cuts them. True while the session goes on.
  bool hears(std::string_view wire) {
    while (wire.size() >= tls_record::header_size) {
      const std::size_t size = tls_record::size_of(wire);
      if (size > tls_record::header_size + tls_record::largest_body) return told(server.refuse(wire, out));
      if (wire.size() < size) return true;
      const std::size_t before = heard.size();
      const TlsVerdict verdict = server.open(wire.substr(0, size), heard, out);
      require(heard.size() >= before && heard.size() - before <= tls_record::largest_content);
      if (!told(verdict)) return false;
      wire.remove_prefix(size);
    }
    return true;
  }

  bool told(const TlsVerdict& verdict) const {
    require((verdict.status == TlsStatus::failed) == !verdict.because.empty());
    return verdict.status == TlsStatus::ok;
  }

  // Whatever the server has answered is well formed to the other side.
  void answers_are_good() {
    std::string plain;
    std::string ignored;
    std::string_view wire = out;
    while (!wire.empty()) {
      require(wire.size() >= tls_record::header_size && wire.size() >= tls_record::size_of(wire));
      const TlsVerdict verdict = client.open(wire.substr(0, tls_record::size_of(wire)), plain, ignored);
      wire.remove_prefix(tls_record::size_of(wire));
      require(verdict.status == TlsStatus::ok || wire.empty());
      require(verdict.status != TlsStatus::failed || verdict.because.starts_with("the other side says"));
    }
  }

  std::array<unsigned char, 48> up{};
  std::array<unsigned char, 48> down{};
  TlsRecords server;
  TlsRecords client;
  TlsTrafficKey sealing;
  std::string heard;
  std::string out;
};

// Sealed with the right key, as a peer would that means us ill: any kind, any content, any padding.
void speak(Scene& scene, std::string_view text) {
  std::string said;
  while (text.size() >= 3) {
    const std::uint8_t kind = text[0] == 0 ? 23 : static_cast<std::uint8_t>(text[0]);  // 0 would be padding
    const std::size_t size = std::min<std::size_t>(static_cast<unsigned char>(text[1]), text.size() - 3);
    const std::size_t padding = static_cast<unsigned char>(text[2]) * 70U;
    const std::string_view content = text.substr(3, size);
    text.remove_prefix(3 + size);
    std::string record;
    require(scene.sealing.seal(static_cast<TlsContent>(kind), content, record, padding));
    const bool goes_on = scene.hears(record);
    if (goes_on && kind == 23) said += content;
    require(scene.heard == said);
    if (!goes_on) return;
    if (kind == 22 && size > 0 && content.back() < 2 && scene.heard.size() % 2 == 0) {
      // Perhaps the last byte of a key update; if it was none, the next record does not open, which is fine too.
      if (content.size() == 5) require(scene.sealing.update());
    }
    if (kind == 22) require(scene.server.send("an answer", scene.out));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  Scene scene{static_cast<TlsSuite>(data[0] % 3)};
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  if ((data[0] & 0x40) != 0) {
    speak(scene, text);
  } else if ((data[0] & 0x80) != 0) {
    // Good records, one byte of which is changed.
    const std::string content{text.substr(2)};
    std::string wire;
    require(scene.sealing.seal(TlsContent::application_data, "before it", wire));
    require(scene.sealing.seal(TlsContent::application_data, content, wire));
    const std::size_t at =
        (static_cast<unsigned char>(text[0]) << 8 | static_cast<unsigned char>(text[1])) % wire.size();
    wire[at] = static_cast<char>(wire[at] ^ (1 + data[0] % 63));
    scene.hears(wire);
    require(scene.heard.empty() || scene.heard == "before it");
  } else {
    scene.hears(text);
    require(scene.heard.empty());
  }
  scene.answers_are_good();
  return 0;
}
