// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens (RFC 7519), signed (RFC 7515): whose they are, if they are good.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/shape.h"

namespace meerkat {

enum class JwtAlgorithm : std::uint8_t { hs256, hs384, hs512, rs256, rs384, rs512, es256, es384, es512 };

// Whether the key is a secret that both sides have; else it is a public key, PEM.
constexpr bool has_shared_key(JwtAlgorithm algorithm) { return algorithm <= JwtAlgorithm::hs512; }

struct JwtRules {
  JwtAlgorithm algorithm = JwtAlgorithm::hs256;
  std::string key;
  std::string username_key;  // the claim that holds the name of the user
};

// Longer tokens are not looked at.
inline constexpr std::size_t longest_jwt = 8192;

// The name in the token, or why it is not good, in words for the log. A token says itself how it was signed; only the
// algorithm of the rules is believed. exp, nbf and iat are checked where they are there (RFC 7519 §4.1). Takes up to a
// millisecond. Any thread.
std::expected<std::string, std::string_view> user_of_jwt(const std::string& token, const JwtRules& rules, WallTime now);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::JwtAlgorithm> {
  using enum meerkat::JwtAlgorithm;
  // MongooseIM writes 386 where JWA has 384.
  static constexpr EnumName names[] = {{hs256, "HS256"}, {rs256, "RS256"}, {es256, "ES256"}, {hs384, "HS384"},
                                       {rs384, "RS384"}, {es384, "ES384"}, {hs512, "HS512"}, {rs512, "RS512"},
                                       {es512, "ES512"}, {hs384, "HS386"}, {rs384, "RS386"}, {es384, "ES386"}};
};
