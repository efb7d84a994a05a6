// SPDX-License-Identifier: Apache-2.0
// How the users of a host type may prove who they are: [auth], as far as streams are concerned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "config/shape.h"
#include "xmpp/sasl_mechanism.h"

namespace meerkat {

// Where accounts are looked up. Those of MongooseIM that Meerkat cannot ask yet are read, too, so that the answer to
// them can be clear.
enum class AuthMethod : std::uint8_t { internal, anonymous, rdbms, external, ldap, jwt, http, pki, dummy };

// Whether Meerkat can ask it.
constexpr bool is_built(AuthMethod method) { return method == AuthMethod::internal || method == AuthMethod::anonymous; }

struct LoginOffer {
  // In order of preference. PLAIN without TLS only when the operator listed the mechanisms.
  std::vector<SaslMechanism> mechanisms{all_sasl_mechanisms.begin(), all_sasl_mechanisms.end()};
  bool plain_without_tls = false;
  std::vector<AuthMethod> methods{AuthMethod::internal};

  bool uses(AuthMethod method) const { return std::ranges::find(methods, method) != methods.end(); }
};

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::AuthMethod> {
  using enum meerkat::AuthMethod;
  static constexpr EnumName names[] = {
      {internal, "internal"}, {anonymous, "anonymous"}, {rdbms, "rdbms"}, {external, "external"}, {ldap, "ldap"},
      {jwt, "jwt"},           {http, "http"},           {pki, "pki"},     {dummy, "dummy"}};
};
