// SPDX-License-Identifier: Apache-2.0
#include "accounts/several.h"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "base/secret.h"
#include "core/accounts_unsettled.h"

namespace meerkat {
namespace {

template <class T>
struct AnswerOf;
template <class T>
struct AnswerOf<Task<T>> {
  using type = T;
};

class SeveralAccounts final : public Accounts {
 public:
  explicit SeveralAccounts(std::vector<AccountMethod> methods) : methods_(std::move(methods)) {}

  Task<std::optional<Credentials>> find(Jid user) override {
    std::optional<Credentials> without_keys;
    auto found = co_await first([&](Accounts& each) { return each.find(user); },
                                [&](std::optional<Credentials>& answer) {
                                  if (!answer) return false;
                                  if (!answer->scram.empty()) return true;
                                  if (!without_keys) without_keys = *answer;
                                  return false;
                                });
    co_return found ? std::move(*found) : std::move(without_keys);
  }

  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    const WipedAtEnd wiped{password};
    bool known = false, guessed = false;
    std::exception_ptr failure;
    for (const AccountMethod& each : methods_) {
      try {
        const PasswordCheck answer = co_await each.accounts->check_password(user, secret_text(password));
        if (answer == PasswordCheck::right) co_return answer;
        known = known || answer == PasswordCheck::wrong;
        guessed = guessed || (answer == PasswordCheck::wrong && knows_its_users(each.method));
      } catch (...) {
        failure = std::current_exception();  // thrown below
      }
    }
    if (failure && guessed) throw AccountsUnsettled{};
    if (failure) std::rethrow_exception(failure);
    co_return known ? PasswordCheck::wrong : PasswordCheck::no_such_account;
  }

  Task<bool> exists(Jid user) override {
    const auto known = co_await first([&](Accounts& each) { return each.exists(user); }, [](bool yes) { return yes; });
    co_return known.has_value();
  }

  Task<Standing> standing(Jid user) override {
    // Whether somebody is banned must be known; where else somebody is at home need not.
    bool is_at_home = false;
    for (const AccountMethod& each : methods_) {
      if (!each.accounts->can_ban()) continue;
      const Standing answer = co_await each.accounts->standing(user);
      if (answer == Standing::banned) co_return answer;
      is_at_home = is_at_home || answer == Standing::open;
    }
    if (is_at_home) co_return Standing::open;
    const auto known = co_await first([&](Accounts& each) { return each.standing(user); },
                                      [](Standing answer) { return answer != Standing::no_such_account; });
    co_return known.value_or(Standing::no_such_account);
  }

  Task<bool> is_banned(Jid user) override {
    for (const AccountMethod& each : methods_) {
      const bool banned = co_await each.accounts->is_banned(user);
      if (banned) co_return true;
    }
    co_return false;
  }

  Task<bool> accepts_certificate(Jid user) override {
    const auto accepted = co_await first(
        [&](Accounts& each) { return each.accepts_certificates() ? each.accepts_certificate(user) : no(); },
        [](bool yes) { return yes; });
    co_return accepted.has_value();
  }

  Task<Registration> register_account(Jid user, std::string password) override {
    const WipedAtEnd wiped{password};
    // Whoever is known at one door must not be met at another with a password of somebody else.
    if (!can_register()) co_return Registration::not_allowed;
    const bool known = co_await exists(user);
    if (known) co_return Registration::exists;
    const auto outcome =
        co_await first([&](Accounts& each) { return each.register_account(user, secret_text(password)); },
                       [](Registration answer) { return answer != Registration::not_allowed; });
    co_return outcome.value_or(Registration::not_allowed);
  }

  Task<PasswordChange> change_password(Jid user, std::string password) override {
    const WipedAtEnd wiped{password};
    const auto outcome = co_await first(
        [&](Accounts& each) { return each.change_password(user, secret_text(password)); },
        [](PasswordChange answer) { return answer == PasswordChange::done || answer == PasswordChange::bad_password; });
    if (outcome) co_return *outcome;
    const bool known = co_await exists(user);
    co_return known ? PasswordChange::not_allowed : PasswordChange::no_such_account;
  }

  Task<bool> remove(Jid user) override {
    bool removed = false;
    co_await first([&](Accounts& each) { return each.remove(user); },
                   [&](bool yes) {
                     removed = removed || yes;
                     return false;
                   });
    co_return removed;
  }

  Task<BanChange> ban(Jid user, std::string reason) override {
    const BanChange outcome = co_await ban_change([&](Accounts& each) { return each.ban(user, reason); }, user);
    co_return outcome;
  }
  Task<BanChange> unban(Jid user) override {
    const BanChange outcome = co_await ban_change([&](Accounts& each) { return each.unban(user); }, user);
    co_return outcome;
  }

  Task<std::uint64_t> count(std::string domain) override {
    std::uint64_t all = 0;
    for (const AccountMethod& each : methods_) {
      const std::uint64_t some = co_await each.accounts->count(domain);
      all += some;
    }
    co_return all;
  }

  Task<std::vector<std::string>> list(std::string domain, std::uint64_t offset, std::uint64_t limit) override {
    // In the order of names, each once: what comes before `offset` has to be looked at for that.
    std::vector<std::string> names;
    std::string after;
    while (names.size() < offset + limit) {
      const auto page =
          co_await list_after(domain, after, std::min<std::uint64_t>(offset + limit - names.size(), 1000));
      if (page.empty()) break;
      for (const AccountEntry& entry : page) names.push_back(entry.name);
      after = names.back();
    }
    names.erase(names.begin(),
                names.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, names.size())));
    co_return names;
  }

  Task<std::vector<AccountEntry>> list_after(std::string domain, std::string name, std::uint64_t limit) override {
    std::map<std::string, AccountEntry> merged;
    for (const AccountMethod& each : methods_) {
      auto page = co_await each.accounts->list_after(domain, name, limit);
      for (AccountEntry& entry : page) {
        AccountEntry& known = merged.try_emplace(entry.name, entry).first->second;
        if (entry.ban && !known.ban) known.ban = std::move(entry.ban);
      }
    }
    std::vector<AccountEntry> entries;
    for (auto& [key, entry] : merged)
      if (entries.size() < limit) entries.push_back(std::move(entry));
    co_return entries;
  }

  Task<std::optional<AccountEntry>> entry_of(Jid user) override {
    std::optional<AccountEntry> entry;
    for (const AccountMethod& each : methods_) {
      auto found = co_await each.accounts->entry_of(user);
      if (!found) continue;
      if (!entry)
        entry = std::move(found);
      else if (!entry->ban)
        entry->ban = std::move(found->ban);
    }
    co_return entry;
  }

  bool checks_passwords() const override { return any(&Accounts::checks_passwords); }
  bool accepts_certificates() const override { return any(&Accounts::accepts_certificates); }
  bool can_register() const override { return any(&Accounts::can_register) && !knows_everybody(); }
  bool can_ban() const override { return any(&Accounts::can_ban); }
  bool knows_everybody() const override { return any(&Accounts::knows_everybody); }

  std::vector<ScramHash> scram_hashes() const override {
    std::vector<ScramHash> hashes;
    for (const AccountMethod& each : methods_)
      for (const ScramHash hash : each.accounts->scram_hashes())
        if (std::ranges::find(hashes, hash) == hashes.end()) hashes.push_back(hash);
    return hashes;
  }
  bool keeps_keys_of_all() const override {
    return std::ranges::all_of(methods_, [](const AccountMethod& each) {
      return !each.accounts->checks_passwords() || each.accounts->keeps_keys_of_all();
    });
  }
  std::uint32_t scram_iterations() const override {
    for (const AccountMethod& each : methods_)
      if (!each.accounts->scram_hashes().empty()) return each.accounts->scram_iterations();
    return 0;
  }

  Accounts& only(std::span<const AuthMethod> allowed) override {
    std::vector<AccountMethod> some;
    for (const AccountMethod& each : methods_)
      if (std::ranges::find(allowed, each.method) != allowed.end()) some.push_back(each);
    if (some.size() == methods_.size()) return *this;
    std::vector<AuthMethod> key;
    key.reserve(some.size());
    for (const AccountMethod& each : some) key.push_back(each.method);
    const std::lock_guard lock{mutex_};
    std::unique_ptr<Accounts>& part = parts_[key];
    if (!part) part = std::make_unique<SeveralAccounts>(std::move(some));
    return *part;
  }

 private:
  static Task<bool> no() { co_return false; }

  // Others call the password wrong of whoever is none of theirs.
  static bool knows_its_users(AuthMethod method) {
    return method != AuthMethod::external && method != AuthMethod::jwt && method != AuthMethod::dummy;
  }

  bool any(bool (Accounts::*is)() const) const {
    return std::ranges::any_of(methods_, [is](const AccountMethod& each) { return ((*each.accounts).*is)(); });
  }

  // The first answer that settles it, or nothing. When nobody settles it and somebody could not be asked, that is what
  // is thrown.
  template <class Ask, class Settles>
  Task<std::optional<typename AnswerOf<std::invoke_result_t<Ask&, Accounts&>>::type>> first(Ask ask, Settles settles) {
    std::exception_ptr failure;
    for (const AccountMethod& each : methods_) {
      try {
        auto answer = co_await ask(*each.accounts);
        if (settles(answer)) co_return std::move(answer);
      } catch (...) {
        failure = std::current_exception();  // thrown below
      }
    }
    if (failure) std::rethrow_exception(failure);
    co_return std::nullopt;
  }

  template <class Ask>
  Task<BanChange> ban_change(Ask ask, const Jid& user) {
    const auto outcome = co_await first(
        ask, [](BanChange answer) { return answer == BanChange::done || answer == BanChange::unchanged; });
    if (outcome) co_return *outcome;
    const bool known = co_await exists(user);
    co_return known ? BanChange::not_allowed : BanChange::no_such_account;
  }

  const std::vector<AccountMethod> methods_;
  std::mutex mutex_;
  std::map<std::vector<AuthMethod>, std::unique_ptr<Accounts>> parts_;
};

}  // namespace

std::unique_ptr<Accounts> make_several_accounts(std::vector<AccountMethod> methods) {
  return std::make_unique<SeveralAccounts>(std::move(methods));
}

}  // namespace meerkat
