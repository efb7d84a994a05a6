// SPDX-License-Identifier: Apache-2.0
#include "accounts/jwt_token.h"

#include <jwt.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

namespace meerkat {
namespace {

struct Freed {
  void operator()(jwt_t* token) const { jwt_free(token); }
  void operator()(char* text) const { std::free(text); }
};

// Clocks differ: a token that was made just now must not come from the future.
constexpr double clock_skew = 5;

jwt_alg_t in_words_of_libjwt(JwtAlgorithm algorithm) {
  constexpr std::array all{JWT_ALG_HS256, JWT_ALG_HS384, JWT_ALG_HS512, JWT_ALG_RS256, JWT_ALG_RS384,
                           JWT_ALG_RS512, JWT_ALG_ES256, JWT_ALG_ES384, JWT_ALG_ES512};
  return all[static_cast<std::size_t>(algorithm)];
}

// RFC 7519 §2: a number of seconds, which may have a fraction. Absent: nothing. Anything else: NaN, with which every
// comparison fails.
std::optional<double> numeric_date(jwt_t* token, const char* claim) {
  const std::unique_ptr<char, Freed> text{jwt_get_grants_json(token, claim)};
  if (!text) return std::nullopt;
  const std::string_view written{text.get()};
  double seconds = 0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), seconds);
  if (error != std::errc{} || end != written.data() + written.size()) return std::numeric_limits<double>::quiet_NaN();
  return seconds;
}

std::string_view why_not_now(jwt_t* token, WallTime now) {
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  if (const auto expires = numeric_date(token, "exp"); expires && !(seconds < *expires)) return "it has expired";
  if (const auto begins = numeric_date(token, "nbf"); begins && !(*begins <= seconds + clock_skew))
    return "its time has not come yet";
  if (const auto issued = numeric_date(token, "iat"); issued && !(*issued <= seconds + clock_skew))
    return "it was issued in the future";
  return {};
}

}  // namespace

std::expected<std::string, std::string_view> user_of_jwt(const std::string& token, const JwtRules& rules,
                                                         WallTime now) {
  if (token.size() > longest_jwt) return std::unexpected("it is too long");
  if (token.contains('\0')) return std::unexpected("it is not a token");
  jwt_t* decoded = nullptr;
  const auto* const key = reinterpret_cast<const unsigned char*>(rules.key.data());
  const int error = jwt_decode(&decoded, token.c_str(), key, static_cast<int>(rules.key.size()));
  const std::unique_ptr<jwt_t, Freed> good{decoded};
  if (error != 0 || !good) return std::unexpected("it is no token that was signed with our key");
  // What was signed as HS256 with a public key as the secret has passed until here (RFC 8725 §2.1).
  if (jwt_get_alg(good.get()) != in_words_of_libjwt(rules.algorithm))
    return std::unexpected("it was signed by another algorithm");
  if (const std::string_view why = why_not_now(good.get(), now); !why.empty()) return std::unexpected(why);
  const char* const name = jwt_get_grant(good.get(), rules.username_key.c_str());
  if (name == nullptr || *name == '\0') return std::unexpected("it does not say whose it is");
  return name;
}

}  // namespace meerkat
