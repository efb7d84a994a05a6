// SPDX-License-Identifier: Apache-2.0
// [auth]: who may log in, and how, with MongooseIM's keys and defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accounts/internal.h"
#include "config/section.h"
#include "xmpp/sasl_mechanism.h"

namespace meerkat {

enum class AuthMethod : std::uint8_t { internal, anonymous };

struct PasswordSettings {
  InternalAccountOptions::Format format = InternalAccountOptions::Format::scram;
  std::vector<ScramHash> hash{all_scram_hashes.begin(), all_scram_hashes.end()};
  std::uint32_t scram_iterations = 10000;
};

struct NoSettings {};

struct AuthSettings {
  std::vector<AuthMethod> methods;
  std::vector<std::string> sasl_mechanisms;
  config::Limit<std::uint64_t> max_users_per_domain = config::infinity;
  PasswordSettings password;
  std::optional<NoSettings> internal, anonymous;

  bool uses(AuthMethod method) const;
};

config::Section<AuthSettings> auth_section();

// The mechanisms that may be offered, most preferred first.
std::vector<SaslMechanism> mechanisms_of(const AuthSettings& settings);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::AuthMethod> {
  using enum meerkat::AuthMethod;
  static constexpr EnumName names[] = {{internal, "internal"}, {anonymous, "anonymous"}};
};

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
