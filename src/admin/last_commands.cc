// SPDX-License-Identifier: Apache-2.0
// When accounts were last here (XEP-0012): seen, set, counted; those that were not here for long, and their end.
#include <algorithm>
#include <exception>
#include <optional>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/common_arguments.h"
#include "admin/premises.h"
#include "core/account_end.h"
#include "core/host_counts.h"
#include "modules/last/last_book.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

// Accounts that one step looks at, with a question to the database for each.
constexpr std::uint64_t accounts_per_step = 100;
// WallTime ends in 2262.
constexpr std::int64_t latest = 9'000'000'000;

Refusal not_kept(std::string_view domain) {
  return {"deps_not_loaded", fmt::format("mod_last does not run for {}, so nobody knows when accounts were last here; "
                                         "see [modules.mod_last]",
                                         domain)};
}

std::int64_t seconds_since_1970(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}
Value time_of(std::int64_t seconds) {
  return date_time(WallTime{} + std::chrono::seconds{std::clamp(seconds, -latest, latest)});
}
Row row_of(const Jid& user, const LastActivity& last) {
  return {std::string{user.bare_text()}, time_of(last.seconds), last.status};
}

std::int64_t moment(const Premises& premises, const Arguments& arguments) {
  if (arguments.given("timestamp")) return seconds_since_1970(arguments.time("timestamp"));
  return seconds_of(premises.here().worker.clock().wall());
}

// Where the account lives, with what is kept there; or why not. The caller hops there.
struct Place {
  HostType* host = nullptr;
  LastBook* book = nullptr;
  std::optional<Refusal> refusal;
};

// On the home worker of `user` afterwards.
Task<Place> place_of(const Premises& premises, Jid user) {
  Place place;
  place.host = premises.home_of(user);
  if (place.host == nullptr) {
    place.refusal = domain_not_found(premises, user.domain());
    co_return place;
  }
  co_await hop_to(place.host->hall.worker);
  place.book = LastBook::find(*place.host);
  const bool known = co_await place.host->counts->does_user_exist(place.host->accounts.exists(user));
  if (!known)
    place.refusal = no_such_account(user);
  else if (place.book == nullptr)
    place.refusal = not_kept(user.domain());
  co_return place;
}

Task<CommandResult> get(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  Place place = co_await place_of(premises, user);
  if (place.refusal) co_return std::move(*place.refusal);
  const auto last = co_await place.book->get(user);
  if (!last)
    co_return Refusal{"last_not_found", fmt::format("{} has not been here since this is kept", user.bare_text())};
  co_return Record{row_of(user, *last)};
}

Task<CommandResult> set(const Premises& premises, Arguments arguments) {
  const Jid user = arguments.jid("user");
  const LastActivity last{moment(premises, arguments), arguments.text("status")};
  Place place = co_await place_of(premises, user);
  if (place.refusal) co_return std::move(*place.refusal);
  place.book->set(user, last);
  co_return Record{row_of(user, last)};
}

// Those of the wanted domains that know when accounts were last here; a domain that was named must know it.
struct Kept {
  std::vector<std::string> domains;
  std::optional<Refusal> refusal;
};
Kept kept_domains(const Premises& premises, const Arguments& arguments) {
  const auto wanted = wanted_domains(premises, arguments);
  if (!wanted) return {{}, domain_not_found(premises, arguments.text("domain"))};
  Kept kept;
  for (const std::string& domain : *wanted)
    if (const HostType* const host = premises.here().host_of(domain); host != nullptr && LastBook::find(*host))
      kept.domains.push_back(domain);
  if (kept.domains.empty()) kept.refusal = not_kept(arguments.given("domain") ? wanted->front() : "any domain");
  return kept;
}

Task<CommandResult> count_active(const Premises& premises, Arguments arguments) {
  Kept kept = kept_domains(premises, arguments);
  if (kept.refusal) co_return std::move(*kept.refusal);
  const std::int64_t since = moment(premises, arguments);
  Table table;
  for (const std::string& domain : kept.domains) {
    const HostType* const host = premises.here().host_of(domain);
    LastBook* const book = host != nullptr ? LastBook::find(*host) : nullptr;
    if (book == nullptr) continue;
    const std::uint64_t users = co_await book->store().count_later_than(domain, since);
    table.rows.push_back({domain, static_cast<std::int64_t>(users)});
  }
  co_return table;
}

enum class Fate : std::uint8_t { listed, removed };

class OldAccounts final : public Pages {
 public:
  OldAccounts(const Premises& premises, std::vector<std::string> domains, std::int64_t before, Fate fate)
      : premises_(premises), domains_(std::move(domains)), before_(before), fate_(fate) {}

  // Comes back to the visitor's worker whatever happens.
  Task<bool> next(std::vector<Row>& rows) override {
    std::exception_ptr failure;
    bool is_more = false;
    try {
      is_more = co_await turn_page(rows);
    } catch (...) {
      failure = std::current_exception();  // told to the visitor
    }
    co_await hop_to(premises_.here().worker);
    if (failure) std::rethrow_exception(failure);
    co_return is_more;
  }

 private:
  Task<bool> turn_page(std::vector<Row>& rows) {
    if (at_ == domains_.size()) co_return false;
    const std::string& domain = domains_[at_];
    HostType* const host = premises_.here().host_of(domain);
    std::vector<AccountEntry> page;
    if (host != nullptr) page = co_await host->accounts.list_after(domain, after_, accounts_per_step);
    for (AccountEntry& entry : page) {
      const auto user = Jid::make(entry.name, domain);
      if (user) co_await look_at(*user, rows);
      after_ = std::move(entry.name);
    }
    if (page.size() < accounts_per_step) {
      ++at_;
      after_.clear();
    }
    co_return at_ < domains_.size();
  }

  // Who has a session is here now.
  Task<> look_at(Jid user, std::vector<Row>& rows) const {
    HostType* const host = premises_.home_of(user);
    if (host == nullptr) co_return;
    co_await hop_to(host->hall.worker);
    LastBook* const book = LastBook::find(*host);
    if (book == nullptr || host->hall.sessions.find(user) != nullptr) co_return;
    const auto last = co_await book->get(user);
    if (last && last->seconds >= before_) co_return;
    // It may have come while the database was asked.
    if (host->hall.sessions.find(user) != nullptr) co_return;
    if (fate_ == Fate::removed) {
      const bool was_there = co_await end_account(*host, user);
      if (!was_there) co_return;
    }
    rows.push_back({std::string{user.text()}, last ? time_of(last->seconds) : Value{}});
  }

  const Premises& premises_;
  const std::vector<std::string> domains_;
  const std::int64_t before_;
  const Fate fate_;
  std::size_t at_ = 0;
  std::string after_;
};

CommandResult old_accounts(const Premises& premises, const Arguments& arguments, Fate fate) {
  Kept kept = kept_domains(premises, arguments);
  if (kept.refusal) return std::move(*kept.refusal);
  const std::int64_t before = seconds_since_1970(arguments.time("timestamp"));
  return Table{{}, std::make_unique<OldAccounts>(premises, std::move(kept.domains), before, fate)};
}

Task<CommandResult> list_old(const Premises& premises, Arguments arguments) {
  co_return old_accounts(premises, arguments, Fate::listed);
}
Task<CommandResult> remove_old(const Premises& premises, Arguments arguments) {
  co_return old_accounts(premises, arguments, Fate::removed);
}

std::vector<Column> last_columns() {
  return {{"user", ColumnType::text, "The account."},
          {"timestamp", ColumnType::time, "When it was last here."},
          {"status", ColumnType::text, "What it said when it left."}};
}
std::vector<Column> old_columns() {
  return {{"user", ColumnType::text, "The account."},
          {"timestamp", ColumnType::time, "When it was last here; nothing if it never was."}};
}
Argument before_argument(std::string_view sentence) {
  return {.name = "timestamp", .type = ArgumentType::time, .sentence = sentence, .mandatory = true, .by_place = true};
}

}  // namespace

std::vector<Command> last_commands() {
  return {
      {.affair = "last",
       .name = "get",
       .sentence = "Shows when an account was last here.",
       .arguments = {user_argument},
       .answer = Answers::record,
       .columns = last_columns(),
       .run = &get},
      {.affair = "last",
       .name = "set",
       .sentence = "Says when an account was last here; holds until it leaves the next time.",
       .arguments = {user_argument,
                     {.name = "status", .sentence = "What it said when it left.", .mandatory = true, .by_place = true},
                     {.name = "timestamp", .type = ArgumentType::time, .sentence = "When; without it: now."}},
       .answer = Answers::record,
       .columns = last_columns(),
       .changes = true,
       .run = &set},
      {.affair = "last",
       .name = "count-active",
       .sentence = "Counts the accounts of each domain that have left after a moment.",
       .arguments = {domain_argument,
                     {.name = "timestamp", .type = ArgumentType::time, .sentence = "The moment; without it: now."}},
       .answer = Answers::table,
       .columns = {{"domain", ColumnType::text, "The domain."}, {"users", ColumnType::number, "How many."}},
       .run = &count_active},
      {.affair = "last",
       .name = "list-old",
       .sentence = "Lists accounts that are not here and were not for long, or never.",
       .arguments = {before_argument("Not here since this moment, such as 2026-01-31T00:00:00Z."), domain_argument},
       .answer = Answers::table,
       .when_empty = "All accounts were here since then.",
       .columns = old_columns(),
       .run = &list_old},
      {.affair = "last",
       .name = "remove-old",
       .sentence = "Removes the accounts that last list-old lists, and what the server keeps for them.",
       .arguments = {before_argument("Not here since this moment, such as 2026-01-31T00:00:00Z."), domain_argument},
       .answer = Answers::table,
       .when_empty = "All accounts were here since then.",
       .columns = old_columns(),
       .changes = true,
       .run = &remove_old},
  };
}

}  // namespace meerkat::admin
