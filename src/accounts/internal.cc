// SPDX-License-Identifier: Apache-2.0
#include "accounts/internal.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "accounts/account_table.h"
#include "accounts/credential_cache.h"
#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "base/trouble.h"
#include "store/sql/dialect.h"
#include "xmpp/scram_text.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

using namespace account_table;

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

// A hashing thread does some forty derivations a second.
constexpr std::size_t most_waiting_per_thread = 64;

// What the two columns of an account hold.
struct Kept {
  std::string password;
  std::optional<std::string> details;
};

struct NewAccount {
  std::string server;
  std::string username;
  Kept kept;
};

// On the embedded database's writer nobody else writes between the count and the row; elsewhere somebody may, and a
// domain may end up with a few accounts more.
Registration insert_below_limit(sql::Transaction& transaction, const NewAccount& account, std::uint64_t limit) {
  if (transaction.one(find_user, account.server, account.username)) return Registration::exists;
  const auto row = transaction.one(count_users, account.server);
  if (row && std::get<0>(*row) >= limit) return Registration::too_many_accounts;
  transaction.execute(insert_user, account.server, account.username, account.kept.password, account.kept.details);
  return Registration::done;
}

// Forgets a user when a change begins and again when it has ended, however it ended.
class Forgetting {
 public:
  Forgetting(RecentAccounts& cache, Jid user) : cache_(cache), user_(std::move(user)) { cache_.forget(user_); }
  ~Forgetting() { cache_.forget(user_); }
  Forgetting(const Forgetting&) = delete;
  Forgetting& operator=(const Forgetting&) = delete;

 private:
  RecentAccounts& cache_;
  const Jid user_;
};

class InternalAccounts final : public Accounts {
 public:
  InternalAccounts(sql::Database& database, BlockingPool& hashing, std::shared_ptr<const InternalAccountRules> rules,
                   AccountTables tables)
      : database_(database),
        hashing_(hashing),
        rules_(std::move(rules)),
        tables_(tables),
        cache_(tables.is_shared ? 0 : rules_->now()->cached_accounts),
        secret_(random_bytes(32)) {
    check(!rules_->now()->hashes.empty(), "accounts keep keys for one hash at least");
    database_.prepare(account_schema());
  }

  Task<std::optional<Credentials>> find(Jid user) override {
    user = user.bare();
    auto cached = cache_.find(user);
    if (cached) co_return cached;
    const RecentAccounts::Ticket ticket = cache_.ticket(user);
    if (cache_.is_nobody(user)) co_return std::nullopt;
    auto row = co_await database_.one(find_password, user.domain(), user.node());
    if (!row) {
      // Where known users cost a derivation the first time, so do unknown ones: the time must not tell.
      if (keeps_plain()) co_await derived(user.text());
      cache_.keep_nobody(user, ticket);
      co_return std::nullopt;
    }
    auto& [password, details, banned_at] = *row;
    Credentials credentials;
    if (details)
      credentials = credentials_from(user, *details);
    else
      credentials.scram = co_await derived(password);
    wipe(password);
    credentials.banned = banned_at.has_value();
    cache_.keep(user, credentials, ticket);
    co_return credentials;
  }

  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    user = user.bare();
    std::optional<std::string> prepared = saslprep(password, Unassigned::allowed);
    wipe(password);
    const WipedAtEnd prepared_wiped{prepared ? *prepared : password};
    if (!prepared) co_return PasswordCheck::wrong;
    if (keeps_plain()) {
      const std::optional<PasswordCheck> compared = co_await compare_plain(user, *prepared);
      if (compared) co_return *compared;
    }
    const auto credentials = co_await find(user);
    const bool known = credentials.has_value();
    const bool has_keys = known && !credentials->scram.empty();
    // Whoever does not exist costs as much time as whoever does, or the time would tell.
    refuse_when_busy();
    const bool matches = co_await hashing_.run([&] {
      if (has_keys) return password_matches(credentials->scram.front(), *prepared);
      const auto options = rules_->now();
      const ScramHash hash = options->hashes.front();
      return password_matches(fake_keys(hash, user.bare_text(), secret_, options->scram_iterations), *prepared);
    });
    wipe(*prepared);
    if (!known) co_return PasswordCheck::no_such_account;
    co_return (matches && has_keys) ? PasswordCheck::right : PasswordCheck::wrong;
  }

  Task<bool> exists(Jid user) override {
    if (cache_.find(user)) co_return true;
    const auto row = co_await database_.one(find_user, user.domain(), user.node());
    co_return row.has_value();
  }

  Task<Standing> standing(Jid user) override {
    if (const auto cached = cache_.find(user.bare())) co_return cached->banned ? Standing::banned : Standing::open;
    const auto row = co_await database_.one(find_standing, user.domain(), user.node());
    if (!row) co_return Standing::no_such_account;
    co_return std::get<0>(*row) ? Standing::banned : Standing::open;
  }

  Task<Registration> register_account(Jid user, std::string password) override {
    if (!user.has_node()) co_return Registration::not_allowed;
    if (characters_of(user.node()) > account_table::longest_username) co_return Registration::bad_name;
    std::optional<std::string> prepared = saslprep(password, Unassigned::allowed);
    wipe(password);
    const WipedAtEnd prepared_wiped{prepared ? *prepared : password};
    if (!prepared) co_return Registration::bad_password;
    // Asked before the costly part only to spare it; the answer that counts is the writer's.
    const auto row = co_await database_.one(find_user, user.domain(), user.node());
    if (row) co_return Registration::exists;

    refuse_when_busy();
    Kept kept = co_await hashing_.run([&] { return kept_form(*prepared); });
    wipe(*prepared);
    NewAccount account{std::string{user.domain()}, std::string{user.node()}, std::move(kept)};
    const Forgetting forgetting{cache_, user.bare()};
    const auto outcome = co_await insert(std::move(account));
    co_return outcome;
  }

  Task<PasswordChange> change_password(Jid user, std::string password) override {
    std::optional<std::string> prepared = saslprep(password, Unassigned::allowed);
    wipe(password);
    const WipedAtEnd prepared_wiped{prepared ? *prepared : password};
    if (!prepared) co_return PasswordChange::bad_password;
    refuse_when_busy();
    Kept kept = co_await hashing_.run([&] { return kept_form(*prepared); });
    wipe(*prepared);
    const Forgetting forgetting{cache_, user.bare()};
    const std::uint64_t changed =
        co_await database_.execute(change_user, kept.password, kept.details, user.domain(), user.node());
    co_return changed > 0 ? PasswordChange::done : PasswordChange::no_such_account;
  }

  Task<bool> remove(Jid user) override {
    const Forgetting forgetting{cache_, user.bare()};
    const std::uint64_t removed = co_await database_.transaction([&user](sql::Transaction& transaction) {
      transaction.execute(unban_user, user.domain(), user.node());
      return transaction.execute(remove_user, user.domain(), user.node());
    });
    co_return removed > 0;
  }

  Task<BanChange> ban(Jid user, std::string reason) override {
    const Forgetting forgetting{cache_, user.bare()};
    co_return co_await database_.transaction([&](sql::Transaction& transaction) {
      if (!transaction.one(find_user, user.domain(), user.node())) return BanChange::no_such_account;
      transaction.upsert(ban_user, sql::key(user.domain(), user.node()), sql::values(std::string_view{reason}));
      return BanChange::done;
    });
  }

  Task<BanChange> unban(Jid user) override {
    const Forgetting forgetting{cache_, user.bare()};
    co_return co_await database_.transaction([&user](sql::Transaction& transaction) {
      if (!transaction.one(find_user, user.domain(), user.node())) return BanChange::no_such_account;
      const std::uint64_t ended = transaction.execute(unban_user, user.domain(), user.node());
      return ended > 0 ? BanChange::done : BanChange::unchanged;
    });
  }

  Task<std::uint64_t> count(std::string domain) override {
    if (tables_.count_is_estimated) {
      const std::optional<std::uint64_t> estimate = co_await estimated();
      if (estimate) co_return *estimate;
    }
    const auto row = co_await database_.one(count_users, domain);
    co_return row ? std::get<0>(*row) : 0;
  }

  Task<std::vector<std::string>> list(std::string domain, std::uint64_t offset, std::uint64_t limit) override {
    auto rows = co_await database_.all(list_users, domain, limit, offset);
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (auto& [name] : rows) names.push_back(std::move(name));
    co_return names;
  }

  Task<std::vector<AccountEntry>> list_after(std::string domain, std::string name, std::uint64_t limit) override {
    auto rows = co_await database_.all(list_entries, domain, name, limit);
    std::vector<AccountEntry> entries;
    entries.reserve(rows.size());
    for (EntryRow& row : rows) entries.push_back(entry_from(std::move(row)));
    co_return entries;
  }

  Task<std::optional<AccountEntry>> entry_of(Jid user) override {
    auto row = co_await database_.one(find_entry, user.domain(), user.node());
    if (!row) co_return std::nullopt;
    co_return entry_from(std::move(*row));
  }

  bool can_ban() const override { return true; }
  std::vector<ScramHash> scram_hashes() const override { return rules_->now()->hashes; }
  std::uint32_t scram_iterations() const override { return rules_->now()->scram_iterations; }

 private:
  bool keeps_plain() const { return rules_->now()->format == InternalAccountOptions::Format::plain; }

  // Hashing pool only: milliseconds for each hash.
  std::vector<ScramKeys> derive(std::string_view prepared) const {
    const auto options = rules_->now();
    std::vector<ScramKeys> keys;
    keys.reserve(options->hashes.size());
    for (const ScramHash hash : options->hashes)
      keys.push_back(derive_scram_keys(hash, prepared, random_bytes(scram_salt_size), options->scram_iterations));
    return keys;
  }

  Kept kept_form(std::string_view prepared) const {
    if (keeps_plain()) return {std::string{prepared}, std::nullopt};
    return {"", to_text(derive(prepared))};
  }

  Credentials credentials_from(const Jid& user, std::string_view details) const {
    auto keys = scram_keys_from_text(details);
    if (!keys) log_error("account_unreadable", {{"user", user.bare_text()}, {"column", "users.pass_details"}});
    return {keys ? std::move(*keys) : std::vector<ScramKeys>{}};
  }

  // Far behind, an answer would only reach those who have given up, and cost the others theirs.
  void refuse_when_busy() {
    const std::size_t waiting = hashing_.waiting();
    if (waiting > most_waiting_per_thread * hashing_.threads()) {
      if (busy_.begins()) log_warning("password_hashing_busy", {{"waiting", waiting}, {"now", "logins are put off"}});
      throw AccountsBusy();
    }
    if (const auto refused = busy_.ends()) log_notice("password_hashing_free", {{"refused", *refused}});
  }

  Task<std::vector<ScramKeys>> derived(std::string_view password) {
    refuse_when_busy();
    co_return co_await hashing_.run([&] { return derive(password); });
  }

  // Comparing takes no time, for known names and for unknown ones. Nothing when the account has no plain password: it
  // was made while the format was another.
  Task<std::optional<PasswordCheck>> compare_plain(Jid user, std::string prepared) {
    auto row = co_await database_.one(find_password, user.domain(), user.node());
    if (!row) co_return PasswordCheck::no_such_account;
    if (std::get<1>(*row)) co_return std::nullopt;
    const bool matches = equal_in_constant_time(std::get<0>(*row), prepared);
    wipe(std::get<0>(*row));
    co_return matches ? PasswordCheck::right : PasswordCheck::wrong;
  }

  // Nothing where no planner keeps figures, and before it has any.
  Task<std::optional<std::uint64_t>> estimated() {
    const std::string_view dialect = database_.dialect().name();
    if (dialect != "postgresql" && dialect != "mysql") co_return std::nullopt;
    const auto row = co_await database_.one(dialect == "mysql" ? estimate_users_mysql : estimate_users_postgresql);
    if (!row || std::get<0>(*row) < 0) co_return std::nullopt;
    co_return static_cast<std::uint64_t>(std::get<0>(*row));
  }

  Task<Registration> insert(NewAccount account) {
    try {
      if (const auto most = rules_->now()->max_users_per_domain) {
        const std::uint64_t limit = *most;
        co_return co_await database_.transaction([&account, limit](sql::Transaction& transaction) {
          return insert_below_limit(transaction, account, limit);
        });
      }
      const Kept& kept = account.kept;
      co_await database_.execute(insert_user, account.server, account.username, kept.password, kept.details);
      co_return Registration::done;
    } catch (const sql::Constraint& conflict) {
      if (!conflict.duplicate()) throw;
      co_return Registration::exists;  // somebody else was faster
    }
  }

  sql::Database& database_;
  BlockingPool& hashing_;
  const std::shared_ptr<const InternalAccountRules> rules_;
  const AccountTables tables_;
  RecentAccounts cache_;
  Trouble busy_;
  const std::string secret_;
};

}  // namespace

std::unique_ptr<Accounts> make_internal_accounts(sql::Database& database, BlockingPool& hashing,
                                                 InternalAccountOptions options) {
  return make_internal_accounts(database, hashing, std::make_shared<const InternalAccountRules>(std::move(options)));
}

std::unique_ptr<Accounts> make_internal_accounts(sql::Database& database, BlockingPool& hashing,
                                                 std::shared_ptr<const InternalAccountRules> rules,
                                                 AccountTables tables) {
  return std::make_unique<InternalAccounts>(database, hashing, std::move(rules), tables);
}

}  // namespace meerkat
