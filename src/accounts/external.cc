// SPDX-License-Identifier: Apache-2.0
#include "accounts/external.h"

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "accounts/external_program.h"
#include "accounts/unlisted.h"
#include "base/secret.h"

namespace meerkat {
namespace {

// Nothing when it cannot be said: a colon ends a name, and the length has two bytes. The password comes last and may
// hold colons.
std::optional<std::string> request_of(std::string_view what, const Jid& user, std::string_view password = {},
                                      bool has_password = false) {
  if (user.node().empty() || user.node().contains(':') || user.domain().contains(':')) return std::nullopt;
  const std::size_t size = what.size() + user.node().size() + user.domain().size() + password.size() + 3;
  if (size > ExternalProgram::longest_request) return std::nullopt;
  std::string request;
  request.reserve(size);
  request.append(what).append(":").append(user.node()).append(":").append(user.domain());
  if (has_password) request.append(":").append(password);
  return request;
}

class ExternalAccounts final : public UnlistedAccounts {
 public:
  explicit ExternalAccounts(std::unique_ptr<ExternalProgram> program) : program_(std::move(program)) {}

  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    const bool right = co_await ask_with("auth", std::move(user), std::move(password), true);
    co_return right ? PasswordCheck::right : PasswordCheck::wrong;
  }
  Task<bool> exists(Jid user) override {
    const bool known = co_await ask("isuser", std::move(user), true);
    co_return known;
  }
  // Whoever the program has let in is let in: many programs know of logins alone.
  Task<Standing> standing(Jid) override { co_return Standing::open; }
  Task<Registration> register_account(Jid user, std::string password) override {
    const WipedAtEnd wiped{password};
    if (password.empty() || password.contains('\0')) co_return Registration::bad_password;
    const bool done = co_await ask_with("tryregister", user, secret_text(password), false);
    if (done) co_return Registration::done;
    const bool known = co_await exists(user);
    co_return known ? Registration::exists : Registration::not_allowed;
  }
  Task<PasswordChange> change_password(Jid user, std::string password) override {
    const WipedAtEnd wiped{password};
    if (password.empty() || password.contains('\0')) co_return PasswordChange::bad_password;
    const bool done = co_await ask_with("setpass", user, secret_text(password), false);
    if (done) co_return PasswordChange::done;
    const bool known = co_await exists(user);
    co_return known ? PasswordChange::not_allowed : PasswordChange::no_such_account;
  }
  // Programs say yes to names they do not know, too.
  Task<bool> remove(Jid user) override {
    const bool known = co_await exists(user);
    if (!known) co_return false;
    const bool removed = co_await ask("removeuser", std::move(user), false);
    co_return removed;
  }
  bool can_register() const override { return true; }

 private:
  Task<bool> ask(std::string_view what, Jid user, bool may_repeat) {
    auto request = request_of(what, user);
    if (!request) co_return false;
    const bool yes = co_await program_->ask(std::move(*request), may_repeat);
    co_return yes;
  }
  Task<bool> ask_with(std::string_view what, Jid user, std::string password, bool may_repeat) {
    const WipedAtEnd wiped{password};
    auto request = request_of(what, user, password, true);
    if (!request) co_return false;
    const bool yes = co_await program_->ask(std::move(*request), may_repeat);
    co_return yes;
  }

  const std::unique_ptr<ExternalProgram> program_;
};

bool can_be_run(std::string_view path) {
  std::error_code error;
  const std::string name{path};
  return std::filesystem::is_regular_file(name, error) && ::access(name.c_str(), X_OK) == 0;
}

}  // namespace

config::Section<ExternalAccountOptions> external_accounts_section() {
  using namespace config;
  using O = ExternalAccountOptions;
  return Section<O>{"auth.external", "Accounts that a program knows; it is asked over its standard input and output."}
      .option("program", &O::program, "The program; it is started without arguments.", mandatory, non_empty,
              must_be("the path of a program that can be run", can_be_run), needs_restart,
              example("\"/usr/local/bin/auth.py\""))
      .option("instances", &O::instances, "How many of them run; each answers one question after the other.",
              between(1, 1000), needs_restart);
}

std::unique_ptr<Accounts> make_external_accounts(std::unique_ptr<ExternalProgram> program) {
  return std::make_unique<ExternalAccounts>(std::move(program));
}

}  // namespace meerkat
