// SPDX-License-Identifier: Apache-2.0
// One direction of a TLS 1.3 session after its handshake: its key, and single records sealed and opened with it.
// RFC 8446 §5.2, §5.3, §7.2, §7.3. What the records mean is for TlsRecords.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meerkat {

enum class TlsSuite : std::uint8_t { aes_128_gcm_sha256, aes_256_gcm_sha384, chacha20_poly1305_sha256 };

// By its two bytes on the wire, RFC 8446 §B.4; nothing for suites that are not ours.
std::optional<TlsSuite> tls_suite(unsigned number);
const char* name_of(TlsSuite suite);  // "TLS_AES_128_GCM_SHA256"

// RFC 8446 §B.1. change_cipher_spec (20) means nothing any more once keys are in use.
enum class TlsContent : std::uint8_t { alert = 21, handshake = 22, application_data = 23 };

namespace tls_record {
inline constexpr std::size_t header_size = 5;
inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t largest_content = 16384;          // RFC 8446 §5.1
inline constexpr std::size_t largest_body = 16384 + 256;       // §5.2, what the header may announce
inline constexpr std::uint64_t most_under_one_key = 1U << 24;  // §5.5: 2^24.5 for AES-GCM

// Header and all, of a record whose header is there.
inline std::size_t size_of(std::string_view header) {
  return header_size + (static_cast<unsigned char>(header[3]) << 8 | static_cast<unsigned char>(header[4]));
}
}  // namespace tls_record

// Plain memory without a thread: the ciphers that do the work belong to the calling thread and are given the key of
// each record anew, which costs about as much as keeping a cipher per session, and saves a kilobyte of cold memory of
// each.
class TlsTrafficKey final {
 public:
  TlsTrafficKey() = default;
  ~TlsTrafficKey();
  TlsTrafficKey(const TlsTrafficKey&) = delete;
  TlsTrafficKey& operator=(const TlsTrafficKey&) = delete;

  // `secret` is the traffic secret of this direction, `sequence` the number of its next record.
  [[nodiscard]] bool start(TlsSuite suite, std::span<const unsigned char> secret, std::uint64_t sequence);
  // The next generation, RFC 8446 §7.2; numbers start again.
  [[nodiscard]] bool update();

  // Appends one record of `content` with its kind, and with zeros behind it as padding.
  [[nodiscard]] bool seal(TlsContent kind, std::string_view content, std::string& out, std::size_t padding = 0);

  // Opens one whole record into `plain`, which has room for its body. Tells how many bytes it holds: content, its kind,
  // padding. Nothing when the record was not sealed with this key and number.
  std::optional<std::size_t> open(std::string_view record, char* plain);

  std::uint64_t sequence() const { return sequence_; }
  TlsSuite suite() const { return suite_; }

 private:
  using Nonce = std::array<unsigned char, 12>;
  Nonce next_nonce() const;
  bool derive();

  // What every record needs first, so that it lies in one cache line.
  std::uint64_t sequence_ = 0;
  std::array<unsigned char, 32> key_{};  // zeros behind the 16 bytes of AES-128
  Nonce iv_{};
  TlsSuite suite_ = TlsSuite::aes_128_gcm_sha256;
  std::array<unsigned char, 48> secret_{};
};

static_assert(sizeof(TlsTrafficKey) <= 104, "two of them are most of an idle TLS session");

}  // namespace meerkat
