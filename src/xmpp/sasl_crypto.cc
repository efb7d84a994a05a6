// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sasl_crypto.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace meerkat {
namespace {

constexpr std::size_t hash_count = all_scram_hashes.size();

std::size_t index_of(ScramHash hash) { return static_cast<std::size_t>(hash); }

// RFC 2104 B: the hash's input block in bytes.
std::size_t block_size(ScramHash hash) { return hash >= ScramHash::sha384 ? 128 : 64; }

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};

void require(int ok) {
  if (ok != 1) throw std::runtime_error("OpenSSL failed to hash");
}

// Fetching an algorithm costs more than a HMAC, so each thread fetches each one once.
struct Hasher {
  std::unique_ptr<EVP_MD, FreeContext> algorithm;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context;

  explicit Hasher(const char* name) : algorithm(EVP_MD_fetch(nullptr, name, nullptr)), context(EVP_MD_CTX_new()) {
    if (!algorithm || !context) throw std::runtime_error(std::string{"OpenSSL has no "} + name);
  }

  Digest operator()(std::string_view first, std::string_view second) {
    Digest digest;
    unsigned size = 0;
    require(EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr));
    require(EVP_DigestUpdate(context.get(), first.data(), first.size()));
    require(EVP_DigestUpdate(context.get(), second.data(), second.size()));
    require(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.bytes.data()), &size));
    digest.size = static_cast<std::uint8_t>(size);
    return digest;
  }
};

Hasher& hasher(ScramHash hash) {
  static constexpr std::array<const char*, hash_count> names{"SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};
  thread_local std::array<std::unique_ptr<Hasher>, hash_count> hashers;
  auto& found = hashers[index_of(hash)];
  if (!found) found = std::make_unique<Hasher>(names[index_of(hash)]);
  return *found;
}

Digest exclusive_or(const Digest& a, std::string_view b) {
  Digest result = a;
  for (std::size_t i = 0; i < result.size; ++i) result.bytes[i] = static_cast<char>(a.bytes[i] ^ b[i]);
  return result;
}

Digest stored_key_of(ScramHash hash, const Digest& salted) {
  return digest_of(hash, hmac(hash, salted.view(), "Client Key").view());
}

}  // namespace

std::string_view name_of(ScramHash hash) {
  static constexpr std::array<std::string_view, hash_count> names{"SCRAM-SHA-1", "SCRAM-SHA-224", "SCRAM-SHA-256",
                                                                  "SCRAM-SHA-384", "SCRAM-SHA-512"};
  return names[index_of(hash)];
}

std::size_t digest_size(ScramHash hash) {
  static constexpr std::array<std::size_t, hash_count> sizes{20, 28, 32, 48, 64};
  return sizes[index_of(hash)];
}

Digest digest_of(ScramHash hash, std::string_view text) { return hasher(hash)(text, {}); }

// RFC 2104. By hand over one context: EVP_MAC spends several times as long on setting itself up.
Digest hmac(ScramHash hash, std::string_view key, std::string_view text) {
  Hasher& hashed = hasher(hash);
  const std::size_t size = block_size(hash);
  const Digest short_key = key.size() > size ? hashed(key, {}) : Digest{};
  if (key.size() > size) key = short_key.view();
  std::array<char, 128> inner, outer;
  inner.fill(0x36);
  outer.fill(0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  const Digest inside = hashed({inner.data(), size}, text);
  return hashed({outer.data(), size}, inside.view());
}

Digest salted_password(ScramHash hash, std::string_view prepared_password, std::string_view salt,
                       std::uint32_t iterations) {
  Digest salted;
  salted.size = static_cast<std::uint8_t>(digest_size(hash));
  require(PKCS5_PBKDF2_HMAC(prepared_password.data(), static_cast<int>(prepared_password.size()),
                            reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                            static_cast<int>(iterations), hasher(hash).algorithm.get(), salted.size,
                            reinterpret_cast<unsigned char*>(salted.bytes.data())));
  return salted;
}

ScramKeys derive_scram_keys(ScramHash hash, std::string_view prepared_password, std::string_view salt,
                            std::uint32_t iterations) {
  Digest salted = salted_password(hash, prepared_password, salt, iterations);
  ScramKeys keys{hash, iterations, std::string{salt}, stored_key_of(hash, salted).text(),
                 hmac(hash, salted.view(), "Server Key").text()};
  OPENSSL_cleanse(salted.bytes.data(), salted.bytes.size());
  return keys;
}

bool password_matches(const ScramKeys& keys, std::string_view prepared_password) {
  Digest salted = salted_password(keys.hash, prepared_password, keys.salt, keys.iterations);
  const bool same = equal_in_constant_time(stored_key_of(keys.hash, salted).view(), keys.stored_key);
  OPENSSL_cleanse(salted.bytes.data(), salted.bytes.size());
  return same;
}

ScramKeys fake_keys(ScramHash hash, std::string_view user, std::string_view secret, std::uint32_t iterations) {
  const auto made_up = [&](std::string_view what) {
    std::string label{what};
    label += ' ';
    label += name_of(hash);
    label += ' ';
    label += user;
    return hmac(hash, secret, label).text();
  };
  return {hash, iterations, made_up("salt").substr(0, scram_salt_size), made_up("stored key"), made_up("server key")};
}

std::optional<Digest> server_signature_if_proven(const ScramKeys& keys, std::string_view auth_message,
                                                 std::string_view client_proof) {
  const Digest client_signature = hmac(keys.hash, keys.stored_key, auth_message);
  if (client_proof.size() != client_signature.size) return std::nullopt;
  const Digest client_key = exclusive_or(client_signature, client_proof);
  if (!equal_in_constant_time(digest_of(keys.hash, client_key.view()).view(), keys.stored_key)) return std::nullopt;
  return hmac(keys.hash, keys.server_key, auth_message);
}

}  // namespace meerkat
