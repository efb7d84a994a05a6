// SPDX-License-Identifier: Apache-2.0
// Accounts: made, changed, removed, banned. What concerns one account is done at its home, where its sessions are.
#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/common_arguments.h"
#include "admin/premises.h"
#include "core/account_end.h"
#include "core/end_sessions.h"
#include "core/events/account_events.h"
#include "core/host_counts.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

constexpr std::uint64_t page_size = 250;

Refusal bad_password() {
  return {"bad_password", "this cannot be a password: it is empty, or has characters that nobody can type (RFC 4013)"};
}

Refusal keeps_no_accounts() {
  return {"not_allowed", "the server keeps no accounts of its own here; see [auth] in its configuration"};
}

Task<CommandResult> register_account(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  co_await hop_to(host->hall.worker);
  const Registration outcome =
      co_await host->counts->try_register(host->accounts.register_account(user, arguments.text("password")));
  switch (outcome) {
    case Registration::exists:
      co_return Refusal{"exists", fmt::format("there is an account {} already", user.text())};
    case Registration::too_many_accounts:
      co_return Refusal{"limit_per_domain_exceeded",
                        fmt::format("{} has as many accounts as auth.max_users_per_domain allows", user.domain())};
    case Registration::bad_name:
      co_return Refusal{"bad_name", "the name of an account has at most 250 characters"};
    case Registration::bad_password:
      co_return bad_password();
    case Registration::not_allowed:
      co_return keeps_no_accounts();
    case Registration::done:
      break;
  }
  host->counts->registered.add();
  AccountRegistered event{*host, user};
  [[maybe_unused]] const Verdict verdict = co_await host->run(event);
  co_return Sentence{fmt::format("{} is registered", user.text())};
}

Task<CommandResult> unregister(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  co_await hop_to(host->hall.worker);
  const bool was_there = co_await end_account(*host, user);
  if (!was_there) co_return no_such_account(user);
  co_return Sentence{fmt::format("{} is removed, and with it what the server kept for it", user.text())};
}

Task<CommandResult> change_password(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  const PasswordChange outcome = co_await host->accounts.change_password(user, arguments.text("password"));
  switch (outcome) {
    case PasswordChange::no_such_account:
      co_return no_such_account(user);
    case PasswordChange::bad_password:
      co_return bad_password();
    case PasswordChange::not_allowed:
      co_return keeps_no_accounts();
    case PasswordChange::done:
      break;
  }
  co_return Sentence{fmt::format("{} has a new password; sessions that are open stay open", user.text())};
}

Task<CommandResult> check_password(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  const PasswordCheck outcome =
      co_await host->counts->check_password(host->accounts.check_password(user, arguments.text("password")));
  if (outcome == PasswordCheck::no_such_account) co_return no_such_account(user);
  if (outcome == PasswordCheck::wrong)
    co_return Refusal{"incorrect", fmt::format("this is not the password of {}", user.text())};
  co_return Sentence{fmt::format("this is the password of {}", user.text())};
}

Value text_of(WallTime time) { return time == WallTime{} ? Value{} : Value{date_time(time)}; }
Value reason_of(const AccountEntry& entry) { return entry.ban ? Value{entry.ban->reason} : Value{}; }

Task<CommandResult> check(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  co_await hop_to(host->hall.worker);
  const std::optional<AccountEntry> entry = co_await host->accounts.entry_of(user);
  if (!entry) co_return no_such_account(user);
  const SessionTable& sessions = host->hall.sessions;
  const Account* const account = sessions.find(user);
  const std::int64_t count = account == nullptr ? 0 : static_cast<std::int64_t>(sessions.count_of(*account));
  Row row{std::string{user.text()},
          text_of(entry->created),
          entry->ban.has_value(),
          reason_of(*entry),
          entry->ban ? text_of(entry->ban->since) : Value{},
          count};
  co_return Record{std::move(row)};
}

Task<CommandResult> ban(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  const std::string reason = arguments.text("reason");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  co_await hop_to(host->hall.worker);
  const BanChange outcome = co_await host->accounts.ban(user, reason);
  if (outcome == BanChange::no_such_account) co_return no_such_account(user);
  if (outcome != BanChange::done) co_return keeps_no_accounts();
  // Whoever is between login and binding finds the ban when it binds.
  const std::size_t ended = end_sessions(host->hall, user, StreamError::policy_violation(reason));
  const std::string_view were = ended == 1 ? "was" : "were";
  co_return Sentence{fmt::format("{} is banned; {} of its sessions {} ended", user.text(), ended, were)};
}

Task<CommandResult> unban(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  HostType* const host = premises.home_of(user);
  if (host == nullptr) co_return domain_not_found(premises, user.domain());
  const BanChange outcome = co_await host->accounts.unban(user);
  if (outcome == BanChange::no_such_account) co_return no_such_account(user);
  if (outcome == BanChange::not_allowed) co_return keeps_no_accounts();
  if (outcome == BanChange::unchanged) co_return Refusal{"not_banned", fmt::format("{} is not banned", user.text())};
  co_return Sentence{fmt::format("{} may log in again, with the password it had", user.text())};
}

Task<CommandResult> count(const Premises& premises, Arguments arguments) {
  const auto wanted = wanted_domains(premises, arguments);
  if (!wanted) co_return domain_not_found(premises, arguments.text("domain"));
  Table table;
  for (const std::string& domain : *wanted) {
    HostType* const host = premises.here().host_of(domain);
    if (host == nullptr) continue;
    const std::uint64_t accounts = co_await host->accounts.count(domain);
    table.rows.push_back({domain, static_cast<std::int64_t>(accounts)});
  }
  co_return table;
}

class AccountPages final : public Pages {
 public:
  AccountPages(const Premises& premises, std::vector<std::string> domains, std::string after, std::uint64_t limit)
      : premises_(premises), domains_(std::move(domains)), after_(std::move(after)), left_(limit) {}

  Task<bool> next(std::vector<Row>& rows) override {
    if (left_ == 0 || at_ == domains_.size()) co_return false;
    HostType* const host = premises_.here().host_of(domains_[at_]);
    const std::uint64_t wished = std::min(left_, page_size);
    std::vector<AccountEntry> page;
    if (host != nullptr) page = co_await host->accounts.list_after(domains_[at_], after_, wished);
    for (AccountEntry& entry : page) {
      rows.push_back({fmt::format("{}@{}", entry.name, domains_[at_]), text_of(entry.created), entry.ban.has_value(),
                      reason_of(entry)});
      after_ = std::move(entry.name);
    }
    left_ -= page.size();
    if (page.size() < wished) {
      ++at_;
      after_.clear();
    }
    co_return left_ > 0 && at_ < domains_.size();
  }

 private:
  const Premises& premises_;
  const std::vector<std::string> domains_;
  std::size_t at_ = 0;
  std::string after_;
  std::uint64_t left_;
};

Task<CommandResult> list(const Premises& premises, Arguments arguments) {
  auto wanted = wanted_domains(premises, arguments);
  if (!wanted) co_return domain_not_found(premises, arguments.text("domain"));
  const std::uint64_t limit = arguments.given("limit") ? arguments.number("limit") : ~std::uint64_t{0};
  co_return Table{{}, std::make_unique<AccountPages>(premises, std::move(*wanted), arguments.text("after"), limit)};
}

Argument password_argument(std::string_view sentence) {
  return {
      .name = "password", .type = ArgumentType::password, .sentence = sentence, .mandatory = true, .by_place = true};
}

std::vector<Command> changing_commands() {
  return {
      {.affair = "account",
       .name = "register",
       .sentence = "Makes an account.",
       .arguments = {user_argument, password_argument("Its password.")},
       .changes = true,
       .run = &register_account},
      {.affair = "account",
       .name = "unregister",
       .sentence = "Removes an account and what the server keeps for it; its sessions end.",
       .arguments = {user_argument},
       .changes = true,
       .run = &unregister},
      {.affair = "account",
       .name = "change-password",
       .sentence = "Gives an account another password; open sessions stay.",
       .arguments = {user_argument, password_argument("The new password.")},
       .changes = true,
       .run = &change_password},
      {.affair = "account",
       .name = "ban",
       .sentence = "Ends the sessions of an account and refuses its logins until it is unbanned.",
       .arguments = {user_argument,
                     {.name = "reason",
                      .sentence = "Why; its sessions are told.",
                      .fallback = "This account was banned."}},
       .changes = true,
       .run = &ban},
      {.affair = "account",
       .name = "unban",
       .sentence = "Lets a banned account log in again.",
       .arguments = {user_argument},
       .changes = true,
       .run = &unban},
  };
}

}  // namespace

std::vector<Command> account_commands() {
  std::vector<Command> commands = changing_commands();
  commands.push_back({.affair = "account",
                      .name = "check",
                      .sentence = "Tells whether an account exists, and its state.",
                      .arguments = {user_argument},
                      .answer = Answers::record,
                      .columns = {{"user", ColumnType::text, "The account."},
                                  {"created", ColumnType::time, "When it was made."},
                                  {"banned", ColumnType::yes_no, "Whether it is banned."},
                                  {"reason", ColumnType::text, "Why it is banned."},
                                  {"banned_since", ColumnType::time, "Since when."},
                                  {"sessions", ColumnType::number, "How many sessions it has now."}},
                      .run = &check});
  commands.push_back({.affair = "account",
                      .name = "check-password",
                      .sentence = "Tells whether a password is right.",
                      .arguments = {user_argument, password_argument("The password to try.")},
                      .run = &check_password});
  commands.push_back(
      {.affair = "account",
       .name = "count",
       .sentence = "Counts the accounts of each domain.",
       .arguments = {domain_argument},
       .answer = Answers::table,
       .columns = {{"domain", ColumnType::text, "The domain."}, {"accounts", ColumnType::number, "How many it has."}},
       .run = &count});
  commands.push_back(
      {.affair = "account",
       .name = "list",
       .sentence = "Lists accounts in the order of their names.",
       .arguments = {domain_argument,
                     {.name = "limit", .type = ArgumentType::number, .sentence = "At most so many."},
                     {.name = "after", .sentence = "Only names that come after this one (without @ and domain)."}},
       .answer = Answers::table,
       .columns = {{"user", ColumnType::text, "The account."},
                   {"created", ColumnType::time, "When it was made."},
                   {"banned", ColumnType::yes_no, "Whether it is banned."},
                   {"reason", ColumnType::text, "Why it is banned."}},
       .run = &list});
  return commands;
}

}  // namespace meerkat::admin
