// SPDX-License-Identifier: Apache-2.0
#include "accounts/auth_section.h"

#include <algorithm>

namespace meerkat {
namespace {

// MongooseIM writes SCRAM-SHA-256-PLUS as scram_sha256_plus.
std::string word_of(SaslMechanism mechanism) {
  std::string word{name_of(mechanism)};
  std::ranges::transform(word, word.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (const auto sha = word.find("sha_"); sha != std::string::npos) word.erase(sha + 3, 1);
  return word;
}

bool is_mechanism(std::string_view word) {
  return std::ranges::any_of(all_sasl_mechanisms, [&](SaslMechanism known) { return word_of(known) == word; });
}

config::Section<PasswordSettings> password_section() {
  using namespace config;
  using S = PasswordSettings;
  return Section<S>{"auth.password", "How passwords are kept."}
      .option("format", &S::format, "Keys from which a password cannot be read back, or the password itself.")
      .option("hash", &S::hash, "The hashes for which keys are kept; they decide which SCRAM mechanisms are offered.",
              non_empty, unique)
      .option("scram_iterations", &S::scram_iterations, "How dear it is to try a password. New passwords only.",
              at_least(4096));
}

}  // namespace

config::Section<AuthSettings> auth_section() {
  using namespace config;
  using S = AuthSettings;
  return Section<S>{"auth", "Who may log in, and how."}
      .option("methods", &S::methods, "Where accounts are looked up; by default the tables given here.", unique)
      .option("sasl_mechanisms", &S::sasl_mechanisms,
              "The SASL mechanisms to offer. PLAIN is offered without encryption only if it is named here.", unique,
              must_be("a SASL mechanism, such as \"scram_sha256\"", is_mechanism))
      .option("max_users_per_domain", &S::max_users_per_domain, "How many accounts a domain may have.", at_least(1))
      .section("password", &S::password, password_section())
      .section("internal", &S::internal, Section<NoSettings>{"auth.internal", "Accounts in the embedded store."})
      .section("anonymous", &S::anonymous,
               Section<NoSettings>{"auth.anonymous", "Everybody may log in under a name made up for the session."}
                   .ignored("allow_multiple_connections", "Each anonymous login has a name of its own.")
                   .ignored("protocol", "SASL ANONYMOUS is the only way.")
                   .ignored("backend", "Nothing is kept of anonymous logins."))
      .check([](const S& auth, Checker& checker) {
        for (const AuthMethod method : auth.methods) {
          const bool there = method == AuthMethod::internal ? auth.internal.has_value() : auth.anonymous.has_value();
          if (!there) checker.refuse("methods", "each method needs its own table, such as [auth.internal]");
        }
      });
}

bool AuthSettings::uses(AuthMethod method) const {
  if (methods.empty()) return method == AuthMethod::anonymous ? anonymous.has_value() : internal || !anonymous;
  return std::ranges::find(methods, method) != methods.end();
}

std::vector<SaslMechanism> mechanisms_of(const AuthSettings& settings) {
  if (settings.sasl_mechanisms.empty()) return {all_sasl_mechanisms.begin(), all_sasl_mechanisms.end()};
  std::vector<SaslMechanism> wanted;
  for (const std::string& word : settings.sasl_mechanisms)
    for (const SaslMechanism known : all_sasl_mechanisms)
      if (word_of(known) == word) wanted.push_back(known);
  return wanted;
}

}  // namespace meerkat
