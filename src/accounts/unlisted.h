// SPDX-License-Identifier: Apache-2.0
// What methods have in common that keep no list of accounts: nothing is found, made, changed or removed here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/accounts.h"

namespace meerkat {

class UnlistedAccounts : public Accounts {
 public:
  Task<std::optional<Credentials>> find(Jid) override { co_return std::nullopt; }
  Task<PasswordCheck> check_password(Jid, std::string) override { co_return PasswordCheck::no_such_account; }
  Task<bool> exists(Jid) override { co_return false; }
  Task<Registration> register_account(Jid, std::string) override { co_return Registration::not_allowed; }
  Task<PasswordChange> change_password(Jid, std::string) override { co_return PasswordChange::not_allowed; }
  Task<bool> remove(Jid) override { co_return false; }
  Task<std::uint64_t> count(std::string) override { co_return 0; }
  Task<std::vector<std::string>> list(std::string, std::uint64_t, std::uint64_t) override {
    co_return std::vector<std::string>{};
  }
  bool accepts_certificates() const override { return false; }
  bool can_register() const override { return false; }
  std::vector<ScramHash> scram_hashes() const override { return {}; }
  std::uint32_t scram_iterations() const override { return 0; }
};

}  // namespace meerkat
