// SPDX-License-Identifier: Apache-2.0
#include "accounts/jwt.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "accounts/unlisted.h"
#include "base/log.h"
#include "base/secret.h"
#include "runtime/worker.h"

namespace meerkat {
namespace {

class JwtAccounts final : public UnlistedAccounts {
 public:
  JwtAccounts(JwtRules rules, BlockingPool& checking) : rules_(std::move(rules)), checking_(checking) {}
  ~JwtAccounts() override { wipe(rules_.key); }

  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    const WipedAtEnd wiped{password};
    const WallTime now = Worker::current()->clock().wall();
    const auto name = co_await checking_.run([&] { return user_of_jwt(password, rules_, now); });
    if (!name) {
      log_info("token_refused", {{"user", user.bare_text()}, {"why", name.error()}});
      co_return PasswordCheck::wrong;
    }
    const auto owner = Jid::make(*name, user.domain());
    if (owner && owner->same_bare(user)) co_return PasswordCheck::right;
    log_info("token_refused", {{"user", user.bare_text()}, {"why", "it is somebody else's"}});
    co_return PasswordCheck::wrong;
  }
  Task<bool> exists(Jid) override { co_return true; }
  bool knows_everybody() const override { return true; }

 private:
  JwtRules rules_;
  BlockingPool& checking_;
};

// As it is, to the last byte: secrets may have any.
std::string read_secret(const JwtSecretSettings& secret) {
  if (secret.value) return *secret.value;
  if (secret.env) {
    const char* const value = std::getenv(secret.env->c_str());
    if (value == nullptr)
      throw std::runtime_error{
          fmt::format("auth.jwt.secret.env: there is no environment variable {} — set it, or give the secret in a file",
                      *secret.env)};
    return value;
  }
  std::ifstream file{*secret.file, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad() || !file.is_open())
    throw std::runtime_error{fmt::format("auth.jwt.secret.file: {} cannot be read", *secret.file)};
  return bytes;
}

// RFC 7518 §3.2: a key is at least as long as the hash.
std::size_t least_secret(JwtAlgorithm algorithm) {
  return algorithm == JwtAlgorithm::hs256 ? 32 : algorithm == JwtAlgorithm::hs384 ? 48 : 64;
}

config::Section<JwtSecretSettings> secret_section() {
  using namespace config;
  using S = JwtSecretSettings;
  return Section<S>{"auth.jwt.secret",
                    "The key that signatures are checked with; exactly one of these is given. A "
                    "secret for HS algorithms, a public key (PEM) for RS and ES."}
      .option("file", &S::file, "The file that holds it, read at the start.", existing_file, needs_restart,
              example("\"/etc/meerkat/jwt.key\""))
      .option("env", &S::env, "The environment variable that holds it.", non_empty, needs_restart,
              example("\"JWT_SECRET\""))
      .option("value", &S::value, "The key itself.", non_empty, secret, needs_restart)
      .check([](const S& where, Checker& checker) {
        const int given = int{where.file.has_value()} + int{where.env.has_value()} + int{where.value.has_value()};
        if (given != 1)
          checker.refuse(given == 0 ? "must say where the key is — give file, env or value"
                                    : "must say in one way only where the key is — leave all but one out");
        if (where.env && std::getenv(where.env->c_str()) == nullptr)
          checker.refuse("env", fmt::format("there is no environment variable {}", in_quotes(*where.env)));
      });
}

}  // namespace

config::Section<JwtAccountOptions> jwt_accounts_section() {
  using namespace config;
  using O = JwtAccountOptions;
  return Section<O>{"auth.jwt", "Signed tokens (RFC 7519) in place of passwords, given by SASL PLAIN."}
      .section("secret", &O::secret, secret_section(), mandatory, needs_restart)
      .option("algorithm", &O::algorithm, "How tokens are signed; others are refused. HS386 is HS384, and so on.",
              mandatory, needs_restart, example("\"RS256\""))
      .option("username_key", &O::username_key, "The claim that holds the name of the user.", mandatory, non_empty,
              needs_restart, example("\"sub\""));
}

std::unique_ptr<Accounts> make_jwt_accounts(const JwtAccountOptions& options, BlockingPool& checking) {
  JwtRules rules{
      .algorithm = options.algorithm, .key = read_secret(options.secret), .username_key = options.username_key};
  if (!has_shared_key(rules.algorithm)) {
    if (!rules.key.contains("-----BEGIN PUBLIC KEY-----"))
      throw std::runtime_error{
          "auth.jwt.secret: RS and ES algorithms need a public key in PEM, \"-----BEGIN PUBLIC KEY-----\""};
  } else if (rules.key.empty()) {
    throw std::runtime_error{"auth.jwt.secret: the key is empty, and everybody could sign with it"};
  } else if (rules.key.size() < least_secret(rules.algorithm)) {
    log_warning("jwt_secret_short", {{"bytes", rules.key.size()}, {"should_be", least_secret(rules.algorithm)}});
  }
  return std::make_unique<JwtAccounts>(std::move(rules), checking);
}

}  // namespace meerkat
