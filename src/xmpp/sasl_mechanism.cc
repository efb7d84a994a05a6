// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sasl_mechanism.h"

#include <algorithm>

#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

constexpr std::array<std::string_view, all_sasl_mechanisms.size()> mechanism_names{
    "EXTERNAL",           "SCRAM-SHA-512-PLUS", "SCRAM-SHA-384-PLUS", "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-224-PLUS", "SCRAM-SHA-1-PLUS",   "SCRAM-SHA-512",      "SCRAM-SHA-384",
    "SCRAM-SHA-256",      "SCRAM-SHA-224",      "SCRAM-SHA-1",        "PLAIN",
    "ANONYMOUS"};

// Passwords that people have are shorter; signed tokens are not.
constexpr std::size_t longest_password = 4096;

}  // namespace

std::string_view name_of(SaslFailure failure) {
  static constexpr std::array<std::string_view, 11> names{"aborted",
                                                          "account-disabled",
                                                          "credentials-expired",
                                                          "encryption-required",
                                                          "incorrect-encoding",
                                                          "invalid-authzid",
                                                          "invalid-mechanism",
                                                          "malformed-request",
                                                          "mechanism-too-weak",
                                                          "not-authorized",
                                                          "temporary-auth-failure"};
  return names[static_cast<std::size_t>(failure)];
}

std::string_view name_of(SaslMechanism mechanism) { return mechanism_names[static_cast<std::size_t>(mechanism)]; }

std::optional<SaslMechanism> sasl_mechanism(std::string_view name) {
  const auto found = std::ranges::find(mechanism_names, name);
  if (found == mechanism_names.end()) return std::nullopt;
  return static_cast<SaslMechanism>(found - mechanism_names.begin());
}

std::optional<ScramHash> scram_hash_of(SaslMechanism mechanism) {
  for (const ScramHash hash : all_scram_hashes)
    if (name_of(mechanism).starts_with(name_of(hash)) && scram_mechanism(hash, binds_channel(mechanism)) == mechanism)
      return hash;
  return std::nullopt;
}

bool binds_channel(SaslMechanism mechanism) {
  return mechanism >= SaslMechanism::scram_sha_512_plus && mechanism <= SaslMechanism::scram_sha_1_plus;
}

SaslMechanism scram_mechanism(ScramHash hash, bool plus) {
  const SaslMechanism weakest = plus ? SaslMechanism::scram_sha_1_plus : SaslMechanism::scram_sha_1;
  return static_cast<SaslMechanism>(static_cast<int>(weakest) - static_cast<int>(hash));
}

std::expected<PlainMessage, SaslFailure> parse_plain(std::string_view message) {
  const auto malformed = std::unexpected{SaslFailure::malformed_request};
  const auto first = message.find('\0');
  if (first == std::string_view::npos) return malformed;
  const auto second = message.find('\0', first + 1);
  if (second == std::string_view::npos) return malformed;
  const PlainMessage plain{message.substr(0, first), message.substr(first + 1, second - first - 1),
                           message.substr(second + 1)};
  if (plain.user.empty() || plain.password.empty() || plain.password.contains('\0')) return malformed;
  if (std::max(plain.authzid.size(), plain.user.size()) > max_prepared_size) return malformed;
  if (plain.password.size() > longest_password) return malformed;
  for (const std::string_view part : {plain.authzid, plain.user, plain.password})
    if (!is_utf8(part)) return malformed;
  return plain;
}

}  // namespace meerkat
