// SPDX-License-Identifier: Apache-2.0
// SASL as XMPP speaks it (RFC 6120 §6): mechanisms in order of preference, reasons of failure, the PLAIN message.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "xmpp/sasl_crypto.h"

namespace meerkat {

// RFC 6120 §6.5: what <failure/> says.
enum class SaslFailure : std::uint8_t {
  aborted,
  account_disabled,
  credentials_expired,
  encryption_required,
  incorrect_encoding,
  invalid_authzid,
  invalid_mechanism,
  malformed_request,
  mechanism_too_weak,
  not_authorized,
  temporary_auth_failure,
};

// The element's name, e.g. "not-authorized".
std::string_view name_of(SaslFailure failure);

// In the order in which they are offered: bound to the channel first, then by strength.
enum class SaslMechanism : std::uint8_t {
  external,
  scram_sha_512_plus,
  scram_sha_384_plus,
  scram_sha_256_plus,
  scram_sha_224_plus,
  scram_sha_1_plus,
  scram_sha_512,
  scram_sha_384,
  scram_sha_256,
  scram_sha_224,
  scram_sha_1,
  plain,
  anonymous,
};

// All of them, most preferred first.
inline constexpr std::array all_sasl_mechanisms{
    SaslMechanism::external,           SaslMechanism::scram_sha_512_plus, SaslMechanism::scram_sha_384_plus,
    SaslMechanism::scram_sha_256_plus, SaslMechanism::scram_sha_224_plus, SaslMechanism::scram_sha_1_plus,
    SaslMechanism::scram_sha_512,      SaslMechanism::scram_sha_384,      SaslMechanism::scram_sha_256,
    SaslMechanism::scram_sha_224,      SaslMechanism::scram_sha_1,        SaslMechanism::plain,
    SaslMechanism::anonymous,
};

// The registered name, e.g. "SCRAM-SHA-256-PLUS".
std::string_view name_of(SaslMechanism mechanism);
// Exact and case-sensitive: RFC 4422 §3.1 has capitals only.
std::optional<SaslMechanism> sasl_mechanism(std::string_view name);

// Which SCRAM it is; nothing for the others.
std::optional<ScramHash> scram_hash_of(SaslMechanism mechanism);
// Whether it binds to the channel (-PLUS).
bool binds_channel(SaslMechanism mechanism);
SaslMechanism scram_mechanism(ScramHash hash, bool plus);

// The message of PLAIN, unprepared. Views into the message.
struct PlainMessage {
  std::string_view authzid;  // "" when absent
  std::string_view user;
  std::string_view password;
};

// [authzid] NUL user NUL password (RFC 4616 §2): UTF-8, user and password not empty, no third NUL, names at most 1023
// bytes, the password, which may be a token, 4096. malformed_request otherwise. Any thread.
std::expected<PlainMessage, SaslFailure> parse_plain(std::string_view message);

}  // namespace meerkat
