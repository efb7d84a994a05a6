// SPDX-License-Identifier: Apache-2.0
// Sessions: seen, counted, ended. There may be a hundred thousand, so they are gone through in small steps.
#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "core/detached_session.h"
#include "core/end_sessions.h"
#include "core/stream_management.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

// What one step may cost the worker whose sessions are looked at: about a millisecond.
constexpr std::size_t most_rows_per_step = 250;
constexpr int most_buckets_per_step = 4096;

Value text_or_nothing(std::string text) { return text.empty() ? Value{} : Value{std::move(text)}; }

Value unacknowledged_of(const Session& session) {
  if (!session.management || !session.management->keeps()) return {};
  return static_cast<std::int64_t>(session.management->unacknowledged().size());
}

Value remaining_of(const Session& session) {
  if (session.connected()) return {};
  return static_cast<std::int64_t>(session.management->detached->remaining().count());
}

Row row_of(const Session& session) {
  const StreamFacts facts = session.stream->facts();
  const std::int64_t age = std::int64_t{seconds_of(session.host.hall.worker.clock().wall())} - session.opened_at;
  return {std::string{session.jid.text()},
          text_or_nothing(facts.peer),
          text_or_nothing(facts.security),
          session.available(),
          std::int64_t{session.priority},
          std::max<std::int64_t>(age, 0),
          std::string{session.connected() ? "connected" : "detached"},
          unacknowledged_of(session),
          remaining_of(session)};
}

// Goes through the sessions of all workers, one after the other.
class Walk {
 public:
  explicit Walk(const Premises& premises) : premises_(premises) {}
  bool at_end() const { return worker_ == premises_.halls.size(); }

  // On the worker that is next, as far as is good for it: `use` says how much is enough.
  template <class Use>
  Task<> step(Use& use) {
    const Hall& hall = *premises_.halls[worker_];
    co_await hop_to(hall.worker);
    for (int i = 0; i < most_buckets_per_step && !use.enough(); ++i) {
      position_ = hall.sessions.visit_some(position_, [&use](const Session& session) { use.see(session); });
      if (position_ != 0) continue;
      ++worker_;
      break;
    }
    co_await hop_to(premises_.here().worker);
  }

 private:
  const Premises& premises_;
  std::size_t worker_ = 0;
  std::uint64_t position_ = 0;
};

// Which sessions are listed.
struct Wanted {
  std::string domain;  // "": any
  std::string search;  // a part of the address, or of where the client is
  std::uint64_t skip = 0;
  std::uint64_t limit = 0;

  bool fits(const Session& session) const {
    if (!domain.empty() && session.jid.domain() != domain) return false;
    return session.jid.text().find(search) != std::string_view::npos ||
           session.stream->facts().peer.find(search) != std::string::npos;
  }
};

struct Collected {
  std::vector<Row>& rows;
  Wanted& wanted;
  bool enough() const { return rows.size() >= most_rows_per_step; }
  void see(const Session& session) {
    if (!wanted.fits(session)) return;
    if (wanted.skip > 0)
      --wanted.skip;
    else
      rows.push_back(row_of(session));
  }
};

class SessionPages final : public Pages {
 public:
  SessionPages(const Premises& premises, Wanted wanted) : walk_(premises), wanted_(std::move(wanted)) {}

  Task<bool> next(std::vector<Row>& rows) override {
    std::uint64_t& left = wanted_.limit;
    if (left == 0 || walk_.at_end()) co_return false;
    Collected collected{rows, wanted_};
    co_await walk_.step(collected);
    if (rows.size() > left) rows.resize(left);
    left -= rows.size();
    if (left == 0 || walk_.at_end()) co_return false;
    // The office's worker has other work too.
    co_await next_turn();
    co_return true;
  }

 private:
  Walk walk_;
  Wanted wanted_;
};

// The domain that was asked for, prepared; "" for all.
std::string wanted_domain(const Arguments& arguments) {
  return arguments.given("domain") ? std::string{arguments.jid("domain").domain()} : "";
}

bool is_served(const Premises& premises, const std::string& domain) {
  return domain.empty() || premises.here().host_of(domain) != nullptr;
}

Task<CommandResult> list(const Premises& premises, Arguments arguments) {
  Wanted wanted{.domain = wanted_domain(arguments),
                .search = arguments.text("search"),
                .skip = arguments.given("skip") ? arguments.number("skip") : 0,
                .limit = arguments.given("limit") ? arguments.number("limit") : ~std::uint64_t{0}};
  if (!is_served(premises, wanted.domain)) co_return domain_not_found(premises, wanted.domain);
  co_return Table{{}, std::make_unique<SessionPages>(premises, std::move(wanted))};
}

struct Counted {
  std::map<std::string, std::int64_t, std::less<>> sessions;
  bool enough() const { return false; }
  void see(const Session& session) {
    const auto found = sessions.find(session.host.name);
    if (found != sessions.end()) ++found->second;
  }
};

Task<CommandResult> count(const Premises& premises, Arguments arguments) {
  const std::string domain = wanted_domain(arguments);
  if (!is_served(premises, domain)) co_return domain_not_found(premises, domain);
  Counted counted;
  for (const auto& host : premises.here().hosts())
    if (domain.empty() || host->name == domain) counted.sessions[host->name] = 0;
  Walk walk{premises};
  while (!walk.at_end()) {
    co_await walk.step(counted);
    co_await next_turn();
  }
  Table table;
  for (const auto& [name, sessions] : counted.sessions) table.rows.push_back({name, sessions});
  co_return table;
}

Refusal no_session(const Jid& who) {
  return {"no_session", fmt::format("{} has no session now; meerkat session list shows those there are", who.text())};
}

Task<CommandResult> info(const Premises& premises, Arguments arguments) {
  const Jid who = arguments.jid("address");
  HostType* const host = premises.home_of(who);
  if (host == nullptr) co_return domain_not_found(premises, who.domain());
  co_await hop_to(host->hall.worker);
  const Account* const account = host->hall.sessions.find(who);
  Table table;
  const Session* session = account != nullptr ? account->first : nullptr;
  for (; session != nullptr; session = session->next_of_account) {
    if (!who.is_bare() && session->jid != who) continue;
    Row row = row_of(*session);
    row.emplace_back(date_time(WallTime{} + std::chrono::seconds{session->opened_at}));
    row.emplace_back(static_cast<std::int64_t>(session->stream->waiting()));
    row.emplace_back(std::int64_t{session->unanswered});
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) co_return no_session(who);
  co_return table;
}

Task<CommandResult> kick(const Premises& premises, Arguments arguments) {
  const Jid who = arguments.jid("address");
  HostType* const host = premises.home_of(who);
  if (host == nullptr) co_return domain_not_found(premises, who.domain());
  co_await hop_to(host->hall.worker);
  const std::size_t ended = end_sessions(host->hall, who, StreamError::policy_violation(arguments.text("reason")));
  if (ended == 0) co_return no_session(who);
  co_return Sentence{ended == 1 ? fmt::format("{} is kicked", who.text())
                                : fmt::format("{} is kicked, from {} sessions", who.text(), ended)};
}

std::vector<Column> session_columns() {
  return {{"address", ColumnType::text, "The full address."},
          {"ip", ColumnType::text, "Where the client is."},
          {"security", ColumnType::text, "The version of TLS; nothing in clear."},
          {"available", ColumnType::yes_no, "Whether it has sent presence."},
          {"priority", ColumnType::number, "Of its presence."},
          {"uptime", ColumnType::duration, "How long it has been open."},
          {"state", ColumnType::text, "connected, or detached while its client is away and may come back."},
          {"unacknowledged", ColumnType::number,
           "Stanzas its client has not acknowledged; nothing without stream management."},
          {"remaining", ColumnType::duration, "How long it waits for its client; nothing while connected."}};
}

}  // namespace

std::vector<Command> session_commands() {
  const Argument domain{
      .name = "domain", .type = ArgumentType::domain, .sentence = "Only of this domain.", .by_place = true};
  const Argument address{.name = "address",
                         .type = ArgumentType::address,
                         .sentence = "A session like alice@example.org/phone, or an account for all of its sessions.",
                         .mandatory = true,
                         .by_place = true};
  std::vector<Column> all_columns = session_columns();
  all_columns.push_back({"since", ColumnType::time, "When it was opened."});
  all_columns.push_back({"waiting", ColumnType::bytes, "What the client has not read yet."});
  all_columns.push_back({"unanswered", ColumnType::number, "Requests of the client that are being answered."});
  return {
      {.affair = "session",
       .name = "list",
       .sentence = "Lists sessions, in no order.",
       .arguments = {domain,
                     {.name = "search", .sentence = "Only with this in the address, or in the client's IP address."},
                     {.name = "skip", .type = ArgumentType::number, .sentence = "Not the first so many."},
                     {.name = "limit", .type = ArgumentType::number, .sentence = "At most so many."}},
       .answer = Answers::table,
       .columns = session_columns(),
       .run = &list},
      {.affair = "session",
       .name = "count",
       .sentence = "Counts the sessions of each domain.",
       .arguments = {domain},
       .answer = Answers::table,
       .columns = {{"domain", ColumnType::text, "The domain."}, {"sessions", ColumnType::number, "How many it has."}},
       .run = &count},
      {.affair = "session",
       .name = "info",
       .sentence = "Shows a session, or all of an account.",
       .arguments = {address},
       .answer = Answers::table,
       .columns = std::move(all_columns),
       .run = &info},
      {.affair = "session",
       .name = "kick",
       .sentence = "Ends a session, or all of an account.",
       .arguments = {address,
                     {.name = "reason",
                      .sentence = "What the client is told.",
                      .fallback = "Your session was ended by the administrator."}},
       .changes = true,
       .run = &kick},
  };
}

}  // namespace meerkat::admin
