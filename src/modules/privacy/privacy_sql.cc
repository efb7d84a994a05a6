// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/privacy_sql.h"

#include <tuple>
#include <utility>

#include "base/log.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

using std::string;
using std::string_view;

// A list comes as often as it has rules, and once without any.
using RuleRow =
    std::tuple<string, std::optional<string>, std::optional<string>, std::optional<string>, std::optional<std::int64_t>,
               std::optional<bool>, std::optional<bool>, std::optional<bool>, std::optional<bool>, std::optional<bool>>;
constexpr sql::Query<RuleRow, string_view, string_view> read_default{
    "privacy_default",
    "SELECT l.name, r.t, r.value, r.action, r.ord, r.match_all, r.match_message, r.match_iq, r.match_presence_in, "
    "r.match_presence_out FROM privacy_default_list d JOIN privacy_list l ON l.server = d.server AND "
    "l.username = d.username AND l.name = d.name LEFT JOIN privacy_list_data r ON r.id = l.id "
    "WHERE d.server = ? AND d.username = ? ORDER BY r.ord"};
constexpr sql::Query<RuleRow, string_view, string_view, string_view> read_list_of{
    "privacy_list",
    "SELECT l.name, r.t, r.value, r.action, r.ord, r.match_all, r.match_message, r.match_iq, r.match_presence_in, "
    "r.match_presence_out FROM privacy_list l LEFT JOIN privacy_list_data r ON r.id = l.id "
    "WHERE l.server = ? AND l.username = ? AND l.name = ? ORDER BY r.ord"};
constexpr sql::Query<std::tuple<string>, string_view, string_view> read_names{
    "privacy_names", "SELECT name FROM privacy_list WHERE server = ? AND username = ? ORDER BY name"};
constexpr sql::Query<std::tuple<std::int64_t>, string_view, string_view, string_view> read_id{
    "privacy_id", "SELECT id FROM privacy_list WHERE server = ? AND username = ? AND name = ?"};
constexpr sql::Query<std::tuple<std::int64_t>, string_view, string_view> find_any{
    "privacy_knows", "SELECT id FROM privacy_list WHERE server = ? AND username = ?"};

constexpr sql::Upsert write_list{"privacy_write_list", "privacy_list", "server, username, name", ""};
constexpr sql::Upsert write_rule{
    "privacy_write_rule", "privacy_list_data", "id, ord",
    "t, value, action, match_all, match_message, match_iq, match_presence_in, match_presence_out"};
constexpr sql::Upsert write_default{"privacy_write_default", "privacy_default_list", "server, username", "name"};
constexpr sql::Statement<std::int64_t> remove_rules{"privacy_remove_rules",
                                                    "DELETE FROM privacy_list_data WHERE id = ?"};
constexpr sql::Statement<string_view, string_view, string_view> remove_default{
    "privacy_remove_default", "DELETE FROM privacy_default_list WHERE server = ? AND username = ? AND name = ?"};

constexpr sql::Statement<string_view, string_view> remove_everything[] = {
    {"privacy_remove_all_rules",
     "DELETE FROM privacy_list_data WHERE id IN (SELECT id FROM privacy_list WHERE server = ? AND username = ?)"},
    {"privacy_remove_all_lists", "DELETE FROM privacy_list WHERE server = ? AND username = ?"},
    {"privacy_remove_all_defaults", "DELETE FROM privacy_default_list WHERE server = ? AND username = ?"}};

string type_letter(const Rule& rule) {
  switch (rule.by) {
    case RuleBy::jid:
      return "j";
    case RuleBy::group:
      return "g";
    case RuleBy::subscription:
      return "s";
    case RuleBy::everybody:
      break;
  }
  return "n";
}

string action_letter(RuleAction action) {
  if (action == RuleAction::allow) return "a";
  return action == RuleAction::block ? "b" : "d";
}

// False when the row makes no sense: without it the list says something else, but with a guess it might let through
// what it shall not.
bool set_value(Rule& rule, string_view type, string value) {
  if (type == "n") return true;
  if (type == "g") {
    rule.by = RuleBy::group;
    rule.group = std::move(value);
    return true;
  }
  if (type == "j") {
    auto jid = Jid::parse(value);
    if (!jid) return false;
    rule.by = RuleBy::jid;
    rule.jid = std::move(*jid);
    return true;
  }
  const auto subscription = subscription_named(value);
  if (type != "s" || !subscription) return false;
  rule.by = RuleBy::subscription;
  rule.subscription = *subscription;
  return true;
}

std::optional<RuleList> list_of(const Jid& user, std::vector<RuleRow> rows) {
  if (rows.empty()) return std::nullopt;
  RuleList list{.name = std::get<0>(rows.front()), .rules = {}};
  for (auto& [name, type, value, action, order, all, message, iq, presence_in, presence_out] : rows) {
    if (!type) continue;  // the list is empty
    Rule rule{.action = *action == "a"   ? RuleAction::allow
                        : *action == "b" ? RuleAction::block
                                         : RuleAction::deny,
              .order = static_cast<std::uint32_t>(*order)};
    rule.kinds = static_cast<StanzaKinds>((*all ? about::everything : 0) | (*message ? about::message : 0) |
                                          (*iq ? about::iq : 0) | (*presence_in ? about::presence_in : 0) |
                                          (*presence_out ? about::presence_out : 0));
    if (set_value(rule, *type, std::move(*value)))
      list.rules.push_back(std::move(rule));
    else
      log_warning("privacy_rule_skipped", {{"user", user.text()}, {"list", list.name}, {"order", *order}});
  }
  return list;
}

class SqlPrivacyStore final : public PrivacyStore {
 public:
  explicit SqlPrivacyStore(sql::Database& database) : database_(database) {}

  Task<std::optional<RuleList>> default_list(Jid user) override {
    std::vector<RuleRow> rows = co_await database_.all(read_default, user.domain(), user.node());
    co_return list_of(user, std::move(rows));
  }

  Task<std::optional<RuleList>> list(Jid user, string name) override {
    std::vector<RuleRow> rows = co_await database_.all(read_list_of, user.domain(), user.node(), name);
    co_return list_of(user, std::move(rows));
  }

  Task<std::vector<string>> names(Jid user) override {
    auto rows = co_await database_.all(read_names, user.domain(), user.node());
    std::vector<string> names;
    names.reserve(rows.size());
    for (auto& [name] : rows) names.push_back(std::move(name));
    co_return names;
  }

  Task<> write(Jid user, RuleList list, Default becomes) override {
    co_await database_.transaction([&user, &list, becomes](sql::Transaction& transaction) {
      transaction.upsert(write_list, sql::key(user.domain(), user.node(), list.name), {});
      const auto [id] = *transaction.one(read_id, user.domain(), user.node(), list.name);
      transaction.execute(remove_rules, id);
      for (const Rule& rule : list.rules) write(transaction, id, rule);
      if (becomes == Default::is_this)
        transaction.upsert(write_default, sql::key(user.domain(), user.node()), sql::values(list.name));
    });
  }

  Task<> remove(Jid user, string name) override {
    co_await database_.transaction([&user, &name](sql::Transaction& transaction) {
      const auto id = transaction.one(read_id, user.domain(), user.node(), name);
      if (id) transaction.execute(remove_rules, std::get<0>(*id));
      transaction.remove(write_list, sql::key(user.domain(), user.node(), name));
      transaction.execute(remove_default, user.domain(), user.node(), name);
    });
  }

  Task<> set_default(Jid user, std::optional<string> name) override {
    co_await database_.transaction([&user, &name](sql::Transaction& transaction) {
      if (name)
        transaction.upsert(write_default, sql::key(user.domain(), user.node()), sql::values(*name));
      else
        transaction.remove(write_default, sql::key(user.domain(), user.node()));
    });
  }

  Task<bool> knows(Jid user) override {
    const auto row = co_await database_.one(find_any, user.domain(), user.node());
    co_return row.has_value();
  }

  Task<> forget(Jid user) override {
    co_await database_.transaction([&user](sql::Transaction& transaction) {
      for (const auto& statement : remove_everything) transaction.execute(statement, user.domain(), user.node());
    });
  }

 private:
  static void write(sql::Transaction& transaction, std::int64_t id, const Rule& rule) {
    const auto is_about = [&rule](StanzaKinds kind) { return (rule.kinds & kind) != 0; };
    transaction.upsert(write_rule, sql::key(id, rule.order),
                       sql::values(type_letter(rule), value_of(rule), action_letter(rule.action),
                                   is_about(about::everything), is_about(about::message), is_about(about::iq),
                                   is_about(about::presence_in), is_about(about::presence_out)));
  }

  sql::Database& database_;
};

}  // namespace

std::unique_ptr<PrivacyStore> sql_privacy_store(sql::Database& database) {
  return std::make_unique<SqlPrivacyStore>(database);
}

sql::Schema privacy_schema() {
  return {.name = "privacy",
          .tables = {sql::table("privacy_default_list")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("name", sql::text())
                         .primary_key("server, username"),
                     sql::table("privacy_list")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("name", sql::text())
                         .column("id", sql::bigserial())
                         .column("created_at", sql::timestamp().default_now())
                         .primary_key("server, username, name"),
                     sql::table("privacy_list_data")
                         .column("id", sql::bigint())
                         .column("t", sql::varchar(1))
                         .column("value", sql::text())
                         .column("action", sql::varchar(1))
                         .column("ord", sql::bigint())
                         .column("match_all", sql::boolean())
                         .column("match_iq", sql::boolean())
                         .column("match_message", sql::boolean())
                         .column("match_presence_in", sql::boolean())
                         .column("match_presence_out", sql::boolean())
                         .primary_key("id, ord")
                         .references("id", "privacy_list", "id")},
          .migrations = {}};
}

}  // namespace meerkat
