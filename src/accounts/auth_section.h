// SPDX-License-Identifier: Apache-2.0
// [auth]: who may log in, and how, with MongooseIM's keys and defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accounts/dummy.h"
#include "accounts/external.h"
#include "accounts/http.h"
#include "accounts/internal.h"
#include "accounts/jwt.h"
#include "accounts/ldap.h"
#include "accounts/pki.h"
#include "accounts/rdbms.h"
#include "config/section.h"
#include "core/login_offer.h"
#include "xmpp/sasl_mechanism.h"

namespace meerkat {

struct PasswordSettings {
  InternalAccountOptions::Format format = InternalAccountOptions::Format::scram;
  std::vector<ScramHash> hash{all_scram_hashes.begin(), all_scram_hashes.end()};
  std::uint32_t scram_iterations = 10000;
};

// How the common name of a certificate becomes the name of an account.
struct CommonNameSettings {
  std::string prefix, suffix;
};

struct NoSettings {};

struct AuthSettings {
  std::vector<AuthMethod> methods;
  std::vector<std::string> sasl_mechanisms;
  std::vector<ExternalName> sasl_external{ExternalName::standard};
  CommonNameSettings sasl_external_common_name;
  config::Limit<std::uint64_t> max_users_per_domain = config::infinity;
  PasswordSettings password;
  std::optional<NoSettings> internal, anonymous;
  std::optional<RdbmsAccountOptions> rdbms;
  std::optional<ExternalAccountOptions> external;
  std::optional<JwtAccountOptions> jwt;
  std::optional<HttpAccountOptions> http;
  std::optional<LdapAccountOptions> ldap;
  std::optional<PkiAccountOptions> pki;
  std::optional<DummyAccountOptions> dummy;

  // Whether its table is there.
  bool has(AuthMethod method) const;
  // In the order they are asked: `methods`, or those that have a table; `internal` when nothing was said.
  std::vector<AuthMethod> wanted_methods() const;
  // Whether accounts are looked up there.
  bool uses(AuthMethod method) const;
};

config::Section<AuthSettings> auth_section();

// How passwords are kept, by those methods that keep some.
InternalAccountOptions password_options(const AuthSettings& settings);

// The mechanisms that may be offered, most preferred first.
std::vector<SaslMechanism> mechanisms_of(const AuthSettings& settings);
// What streams are told.
LoginOffer login_offer(const AuthSettings& settings);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::ScramHash> {
  using enum meerkat::ScramHash;
  static constexpr EnumName names[] = {
      {sha1, "sha"}, {sha224, "sha224"}, {sha256, "sha256"}, {sha384, "sha384"}, {sha512, "sha512"}};
};

template <>
struct meerkat::config::EnumNames<meerkat::InternalAccountOptions::Format> {
  using enum meerkat::InternalAccountOptions::Format;
  static constexpr EnumName names[] = {{scram, "scram"}, {plain, "plain"}};
};
