// SPDX-License-Identifier: Apache-2.0
// XEP-0300: hash functions by the names they have in stanzas.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meerkat {

// The digest, raw; nothing when the name is none of `known_hashes`. Any thread. Throws std::runtime_error when OpenSSL
// refuses to hash.
std::optional<std::string> named_hash(std::string_view name, std::string_view text);

// Those of XEP-0414 that OpenSSL has, and SHA-1, which XEP-0115 asks for.
std::span<const std::string_view> known_hashes();

}  // namespace meerkat
