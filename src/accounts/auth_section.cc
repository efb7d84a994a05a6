// SPDX-License-Identifier: Apache-2.0
#include "accounts/auth_section.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace meerkat {
namespace {

using namespace config;

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

std::string_view word_of(AuthMethod method) {
  for (const EnumName& name : EnumNames<AuthMethod>::names)
    if (name.value == static_cast<std::int64_t>(method)) return name.name;
  return {};
}

bool is_built(std::string_view word) {
  return std::ranges::any_of(all_sasl_mechanisms, [&](SaslMechanism known) { return word_of(known) == word; });
}

// MongooseIM has two more, and those of tokens.
bool is_mechanism(std::string_view word) {
  return is_built(word) || word == "oauth" || word == "digest" || word.starts_with("ht_");
}

Section<PasswordSettings> password_section() {
  using S = PasswordSettings;
  return Section<S>{"auth.password", "How passwords are kept."}
      .option("format", &S::format, "Keys from which a password cannot be read back, or the password itself.",
              example("\"scram\""))
      .option("hash", &S::hash, "The hashes for which keys are kept; they decide which SCRAM mechanisms are offered.",
              non_empty, unique, example("[\"sha256\", \"sha512\"]"))
      .option("scram_iterations", &S::scram_iterations, "How dear it is to try a password. New passwords only.",
              at_least(4096), example("10000"));
}

Section<CommonNameSettings> common_name_section() {
  using S = CommonNameSettings;
  return Section<S>{"auth.sasl_external_common_name", "How a common name becomes the name of an account."}
      .option("prefix", &S::prefix, "Goes before it.", example("\"device-\""))
      .option("suffix", &S::suffix, "Goes after it.", example("\"-device\""));
}

// Of this table: "auth", or "host_config.auth".
std::string header_of(const Checker& checker) {
  return checker.path().starts_with("host_config") ? "host_config.auth" : checker.path();
}

void check_methods(const AuthSettings& auth, Checker& checker) {
  for (const AuthMethod method : auth.methods)
    if (!auth.has(method))
      checker.refuse("methods", fmt::format("\"{0}\" needs a table of its own — write [{1}.{0}]", word_of(method),
                                            header_of(checker)));
  if (auth.wanted_methods().empty()) checker.refuse("methods", "must not be empty, or nobody can log in");
}

// Whether passwords are checked by it, with keys or without them.
enum class Keys : std::uint8_t { some, none, no_passwords };
Keys keys_of(AuthMethod method, const AuthSettings& auth) {
  switch (method) {
    case AuthMethod::internal:
    case AuthMethod::rdbms:
      return Keys::some;
    case AuthMethod::http:
      return auth.password.format == InternalAccountOptions::Format::scram ? Keys::some : Keys::none;
    case AuthMethod::anonymous:
    case AuthMethod::pki:
      return Keys::no_passwords;
    default:
      return Keys::none;
  }
}

// Clients choose SCRAM where they are offered it, and do not try PLAIN when that fails.
void warn_of_scram(const AuthSettings& auth, Checker& checker) {
  const std::vector<AuthMethod> methods = auth.wanted_methods();
  const auto with = [&](Keys keys) {
    return std::ranges::find(methods, keys, [&](AuthMethod method) { return keys_of(method, auth); });
  };
  const auto keyless = with(Keys::none);
  if (keyless == methods.end() || with(Keys::some) == methods.end()) return;
  if (auth.sasl_mechanisms.empty())
    checker.warn(
        "sasl_mechanisms",
        fmt::format("SCRAM is not offered, for users of \"{}\" could not log in by it — name the mechanisms here "
                    "to offer it to the others",
                    word_of(*keyless)));
  else if (std::ranges::any_of(mechanisms_of(auth), [](SaslMechanism one) { return scram_hash_of(one).has_value(); }))
    checker.warn("sasl_mechanisms",
                 fmt::format("users of \"{}\" cannot log in by SCRAM, which most clients choose where it is offered",
                             word_of(*keyless)));
}

void check_mechanisms(const AuthSettings& auth, Checker& checker) {
  bool any_built = auth.sasl_mechanisms.empty();
  for (const std::string& word : auth.sasl_mechanisms) any_built = any_built || is_built(word);
  for (const std::string& word : auth.sasl_mechanisms) {
    if (is_built(word)) continue;
    const std::string message = fmt::format("{} is not offered by Meerkat", in_quotes(word));
    if (any_built)
      checker.warn("sasl_mechanisms", message + "; it is left out");
    else
      checker.refuse("sasl_mechanisms", message + ", and no other is left — leave the option out to offer all");
  }
  if (std::ranges::count(auth.sasl_external, ExternalName::auth_id) > 0)
    checker.warn("sasl_external", "with auth_id whoever has a certificate without an address can log in as anybody");
  warn_of_scram(auth, checker);
}

void add_methods(Section<AuthSettings>& section) {
  using S = AuthSettings;
  section
      .section("internal", &S::internal, Section<NoSettings>{"auth.internal", "Accounts in the embedded store."},
               needs_restart)
      .section("anonymous", &S::anonymous,
               Section<NoSettings>{"auth.anonymous", "Everybody may log in under a name made up for the session."}
                   .ignored("allow_multiple_connections", "Each anonymous login has a name of its own.")
                   .ignored("protocol", "SASL ANONYMOUS is the only way.")
                   .ignored("backend", "Nothing is kept of anonymous logins."),
               needs_restart)
      .section("rdbms", &S::rdbms, rdbms_accounts_section(), needs_restart)
      .section("external", &S::external, external_accounts_section(), needs_restart)
      .section("ldap", &S::ldap, ldap_accounts_section(), needs_restart)
      .section("jwt", &S::jwt, jwt_accounts_section(), needs_restart)
      .section("http", &S::http, http_accounts_section(), needs_restart)
      .section("pki", &S::pki, pki_accounts_section(), needs_restart)
      .section("dummy", &S::dummy, dummy_accounts_section(), needs_restart);
}

}  // namespace

Section<AuthSettings> auth_section() {
  using S = AuthSettings;
  Section<S> section{"auth", "Who may log in, and how."};
  section
      .option("methods", &S::methods, "Where accounts are looked up; by default the tables given here.", unique,
              needs_restart, example("[\"internal\"]"))
      .option("sasl_mechanisms", &S::sasl_mechanisms,
              "The SASL mechanisms to offer. PLAIN is offered without encryption only if it is named here.", unique,
              must_be("a SASL mechanism, such as \"scram_sha256\"", is_mechanism),
              example("[\"scram_sha256_plus\", \"scram_sha256\", \"scram_sha1\"]"))
      .option("sasl_external", &S::sasl_external,
              "Who a certificate says somebody is; the first that gives a name counts. `standard`: an address in it "
              "(XEP-0178). Without one, `common_name`: its common name; `auth_id`: whoever the client says.",
              non_empty, unique, example("[\"standard\", \"common_name\"]"))
      .option("max_users_per_domain", &S::max_users_per_domain, "How many accounts a domain may have.", at_least(1),
              example("10000"))
      .section("password", &S::password, password_section())
      .section("sasl_external_common_name", &S::sasl_external_common_name, common_name_section());
  add_methods(section);
  section.check(check_methods).check(check_mechanisms);
  return section;
}

bool AuthSettings::has(AuthMethod method) const {
  switch (method) {
    case AuthMethod::internal:
      return internal.has_value();
    case AuthMethod::anonymous:
      return anonymous.has_value();
    case AuthMethod::rdbms:
      return rdbms.has_value();
    case AuthMethod::external:
      return external.has_value();
    case AuthMethod::ldap:
      return ldap.has_value();
    case AuthMethod::jwt:
      return jwt.has_value();
    case AuthMethod::http:
      return http.has_value();
    case AuthMethod::pki:
      return pki.has_value();
    case AuthMethod::dummy:
      return dummy.has_value();
  }
  return false;
}

std::vector<AuthMethod> AuthSettings::wanted_methods() const {
  using M = AuthMethod;
  if (!methods.empty()) return methods;
  std::vector<M> present;  // by name, as MongooseIM
  for (const M method : {M::anonymous, M::dummy, M::external, M::http, M::internal, M::jwt, M::ldap, M::pki, M::rdbms})
    if (has(method)) present.push_back(method);
  if (present.empty()) present.push_back(M::internal);
  return present;
}

bool AuthSettings::uses(AuthMethod method) const { return std::ranges::count(wanted_methods(), method) > 0; }

InternalAccountOptions password_options(const AuthSettings& settings) {
  return {.format = settings.password.format,
          .hashes = settings.password.hash,
          .scram_iterations = settings.password.scram_iterations,
          .max_users_per_domain = settings.max_users_per_domain.most()};
}

std::vector<SaslMechanism> mechanisms_of(const AuthSettings& settings) {
  if (settings.sasl_mechanisms.empty()) return {all_sasl_mechanisms.begin(), all_sasl_mechanisms.end()};
  std::vector<SaslMechanism> wanted;
  for (const std::string& word : settings.sasl_mechanisms)
    for (const SaslMechanism known : all_sasl_mechanisms)
      if (word_of(known) == word) wanted.push_back(known);
  return wanted;
}

LoginOffer login_offer(const AuthSettings& settings) {
  return LoginOffer{.mechanisms = mechanisms_of(settings),
                    .plain_without_tls = !settings.sasl_mechanisms.empty(),
                    .scram_for_some = !settings.sasl_mechanisms.empty(),
                    .methods = settings.wanted_methods(),
                    .external = settings.sasl_external,
                    .common_name_prefix = settings.sasl_external_common_name.prefix,
                    .common_name_suffix = settings.sasl_external_common_name.suffix};
}

}  // namespace meerkat
