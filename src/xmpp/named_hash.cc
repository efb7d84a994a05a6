// SPDX-License-Identifier: Apache-2.0
#include "xmpp/named_hash.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace meerkat {
namespace {

constexpr std::array<std::string_view, 8> names{"sha-1",   "sha-224",  "sha-256",  "sha-384",
                                                "sha-512", "sha3-256", "sha3-512", "blake2b-512"};

const EVP_MD* algorithm(std::string_view name) {
  using Algorithm = const EVP_MD* (*)();
  static constexpr std::array<Algorithm, names.size()> algorithms{
      EVP_sha1, EVP_sha224, EVP_sha256, EVP_sha384, EVP_sha512, EVP_sha3_256, EVP_sha3_512, EVP_blake2b512};
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? nullptr : algorithms[static_cast<std::size_t>(found - names.begin())]();
}

}  // namespace

std::span<const std::string_view> known_hashes() { return names; }

std::optional<std::string> named_hash(std::string_view name, std::string_view text) {
  const EVP_MD* const known = algorithm(name);
  if (known == nullptr) return std::nullopt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, known, nullptr) != 1)
    throw std::runtime_error("OpenSSL failed to hash with " + std::string{name});
  return std::string{reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace meerkat
