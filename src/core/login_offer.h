// SPDX-License-Identifier: Apache-2.0
// How the users of a host type may prove who they are: [auth], as far as streams are concerned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "config/shape.h"
#include "xmpp/sasl_mechanism.h"

namespace meerkat {

// Where accounts are looked up.
enum class AuthMethod : std::uint8_t { internal, anonymous, rdbms, external, ldap, jwt, http, pki, dummy };

// Who a certificate says somebody is (SASL EXTERNAL).
enum class ExternalName : std::uint8_t {
  standard,     // an address in it (XEP-0178)
  common_name,  // its common name, when there is no address in it
  auth_id       // whoever the client says, when there is no address in it
};

struct LoginOffer {
  // In order of preference. PLAIN without TLS, and SCRAM where some methods keep no keys, only when the operator listed
  // the mechanisms.
  std::vector<SaslMechanism> mechanisms{all_sasl_mechanisms.begin(), all_sasl_mechanisms.end()};
  bool plain_without_tls = false;
  bool scram_for_some = false;
  std::vector<AuthMethod> methods{AuthMethod::internal};
  std::vector<ExternalName> external{ExternalName::standard};  // the first that gives a name
  std::string common_name_prefix, common_name_suffix;          // go around a common name

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

template <>
struct meerkat::config::EnumNames<meerkat::ExternalName> {
  using enum meerkat::ExternalName;
  static constexpr EnumName names[] = {{standard, "standard"}, {common_name, "common_name"}, {auth_id, "auth_id"}};
};
