// SPDX-License-Identifier: Apache-2.0
// The arithmetic of SCRAM (RFC 5802 §3, RFC 7677, RFC 2898 PBKDF2): hashes, keys, comparing. No I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace meerkat {

enum class ScramHash : std::uint8_t { sha1, sha224, sha256, sha384, sha512 };

// All of them, weakest first.
inline constexpr std::array all_scram_hashes{ScramHash::sha1, ScramHash::sha224, ScramHash::sha256, ScramHash::sha384,
                                             ScramHash::sha512};

// "SCRAM-SHA-1" … "SCRAM-SHA-512".
std::string_view name_of(ScramHash hash);
// Bytes of a digest: 20, 28, 32, 48, 64.
std::size_t digest_size(ScramHash hash);

// A digest without a trip to the heap.
struct Digest {
  std::array<char, 64> bytes;
  std::uint8_t size = 0;

  std::string_view view() const { return {bytes.data(), size}; }
  std::string text() const { return std::string{view()}; }
};

// All of the following may be called from any thread; each thread keeps its own OpenSSL contexts. They throw
// std::runtime_error when OpenSSL refuses the hash (which a FIPS configuration may do).

Digest digest_of(ScramHash hash, std::string_view text);
Digest hmac(ScramHash hash, std::string_view key, std::string_view text);

// RFC 5802 §2.2 Hi(): one block of PBKDF2. Takes milliseconds, so it belongs into the blocking pool.
Digest salted_password(ScramHash hash, std::string_view prepared_password, std::string_view salt,
                       std::uint32_t iterations);

// What a server keeps of a password for one hash. All strings are raw bytes.
struct ScramKeys {
  ScramHash hash = ScramHash::sha1;
  std::uint32_t iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;

  friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

inline constexpr std::size_t scram_salt_size = 16;  // bytes, as MongooseIM

// RFC 5802 §3. `prepared_password` went through saslprep. Costs `iterations` HMACs: see salted_password.
ScramKeys derive_scram_keys(ScramHash hash, std::string_view prepared_password, std::string_view salt,
                            std::uint32_t iterations);

// Whether `keys` were derived from this password; in constant time but for the password's length. As costly as
// deriving.
bool password_matches(const ScramKeys& keys, std::string_view prepared_password);

// Keys for a user who does not exist, so that the exchange looks and lasts as if he did: same user, same salt, as long
// as `secret` (of this server) lives. No password opens them.
ScramKeys fake_keys(ScramHash hash, std::string_view user, std::string_view secret, std::uint32_t iterations);

// RFC 5802 §3: checks a ClientProof against the stored key and says how the server answers. Nothing when the proof is
// wrong. Two HMACs and one hash.
std::optional<Digest> server_signature_if_proven(const ScramKeys& keys, std::string_view auth_message,
                                                 std::string_view client_proof);

}  // namespace meerkat
