// SPDX-License-Identifier: Apache-2.0
// Test support: accounts in memory, with plain passwords, that break when a test says so.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/accounts.h"

namespace meerkat {

class MemoryAccounts final : public Accounts {
 public:
  std::map<std::string, std::string, std::less<>> passwords;  // by bare address
  std::map<std::string, std::string, std::less<>> bans;       // reasons, by bare address
  bool broken = false;
  bool can_be_banned = true;
  std::vector<ScramHash> hashes;

  Task<std::optional<Credentials>> find(Jid user) override {
    const bool known = co_await exists(user);
    co_return known ? std::optional{Credentials{}} : std::nullopt;
  }
  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    const bool known = co_await exists(user);
    if (!known) co_return PasswordCheck::no_such_account;
    co_return passwords.find(user.bare_text())->second == password ? PasswordCheck::right : PasswordCheck::wrong;
  }
  Task<bool> exists(Jid user) override {
    fail_if_broken();
    co_return passwords.contains(user.bare_text());
  }
  Task<Standing> standing(Jid user) override {
    const bool known = co_await exists(user);
    if (!known) co_return Standing::no_such_account;
    co_return bans.contains(user.bare_text()) ? Standing::banned : Standing::open;
  }
  Task<Registration> register_account(Jid user, std::string password) override {
    fail_if_broken();
    if (password.empty()) co_return Registration::bad_password;
    const bool made = passwords.emplace(user.bare_text(), std::move(password)).second;
    co_return made ? Registration::done : Registration::exists;
  }
  Task<PasswordChange> change_password(Jid user, std::string password) override {
    fail_if_broken();
    const auto known = passwords.find(user.bare_text());
    if (known == passwords.end()) co_return PasswordChange::no_such_account;
    known->second = std::move(password);
    co_return PasswordChange::done;
  }
  Task<bool> remove(Jid user) override {
    fail_if_broken();
    bans.erase(std::string{user.bare_text()});
    co_return passwords.erase(std::string{user.bare_text()}) == 1;
  }
  Task<BanChange> ban(Jid user, std::string reason) override {
    const bool known = co_await exists(user);
    if (!known) co_return BanChange::no_such_account;
    bans[std::string{user.bare_text()}] = std::move(reason);
    co_return BanChange::done;
  }
  Task<BanChange> unban(Jid user) override {
    const bool known = co_await exists(user);
    if (!known) co_return BanChange::no_such_account;
    co_return bans.erase(std::string{user.bare_text()}) == 1 ? BanChange::done : BanChange::unchanged;
  }
  Task<std::uint64_t> count(std::string) override { co_return passwords.size(); }
  Task<std::vector<AccountEntry>> list_after(std::string domain, std::string name, std::uint64_t limit) override {
    fail_if_broken();
    std::vector<AccountEntry> page;
    for (const auto& [address, password] : passwords) {
      const Jid user = *Jid::parse(address);
      if (user.domain() == domain && user.node() > name && page.size() < limit) page.push_back(entry(user));
    }
    co_return page;
  }
  Task<std::optional<AccountEntry>> entry_of(Jid user) override {
    const bool known = co_await exists(user);
    co_return known ? std::optional{entry(user)} : std::nullopt;
  }
  Task<std::vector<std::string>> list(std::string, std::uint64_t, std::uint64_t) override {
    co_return std::vector<std::string>{};
  }
  bool can_ban() const override { return can_be_banned; }
  std::vector<ScramHash> scram_hashes() const override { return hashes; }
  std::uint32_t scram_iterations() const override { return 1; }

 private:
  AccountEntry entry(const Jid& user) const {
    AccountEntry entry{std::string{user.node()}, {}, {}};
    if (const auto ban = bans.find(user.bare_text()); ban != bans.end()) entry.ban = Ban{ban->second, {}};
    return entry;
  }
  void fail_if_broken() const {
    if (broken) throw std::runtime_error("the store is broken");
  }
};

}  // namespace meerkat
