// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/privacy.h"

#include <algorithm>
#include <utility>

#include "base/metrics/counted.h"
#include "core/hall.h"
#include "core/iq_processing.h"
#include "modules/privacy/list_pushes.h"
#include "modules/privacy/privacy_options.h"
#include "modules/privacy/privacy_sql.h"
#include "modules/privacy/rule_book.h"

namespace meerkat {
namespace {

StanzaError no_such_list() { return StanzaError::item_not_found("there is no such list"); }
StanzaError in_use() { return StanzaError::conflict("another resource goes by this list"); }

// §2.1: exactly one.
std::optional<xml::Element> only_child(const xml::Element& query) {
  const auto children = query.children();
  if (std::ranges::distance(children.begin(), children.end()) != 1) return std::nullopt;
  return query.first_child();
}

// §2.1: groups of the roster alone.
bool knows_groups(const ContactList& contacts, const RuleList& list) {
  const auto is_group = [&contacts](const std::string& group) {
    return std::ranges::any_of(contacts, [&](const ContactList::Entry& contact) {
      const auto groups = contacts.groups_of(contact);
      return std::ranges::find(groups, group) != groups.end();
    });
  };
  return std::ranges::all_of(list.rules,
                             [&](const Rule& rule) { return rule.by != RuleBy::group || is_group(rule.group); });
}

constexpr auto lists_asked = metrics::counted("mod_privacy_get", "A client asked for its privacy lists.");
constexpr metrics::Event lists_set{.name = "mod_privacy_set",
                                   .sentence = "A client changed its privacy lists, or which one is in force.",
                                   .labels = {"host_type"},
                                   .measurements = {{"count", metrics::Kind::spiral},
                                                    {"active_count", metrics::Kind::spiral},
                                                    {"default_count", metrics::Kind::spiral}}};
constexpr auto list_pushed = metrics::counted("mod_privacy_push_item", "A session heard that a list has changed.");

struct PrivacyCounts {
  explicit PrivacyCounts(const HostType& host)
      : asked(host.hall.metrics, lists_asked, {host.name}),
        pushed(host.hall.metrics, list_pushed, {host.name}),
        changes(host.hall.metrics, lists_set, {host.name}),
        set(changes.spiral("count")),
        made_active(changes.spiral("active_count")),
        made_default(changes.spiral("default_count")) {}

  metrics::Counted asked, pushed;
  metrics::Series changes;
  metrics::Spiral set, made_active, made_default;
};

class Privacy final : public Module {
 public:
  Privacy(HostType& host, std::shared_ptr<const PrivacyOptions> options)
      : host_(host),
        options_(std::move(options)),
        book_(RuleBook::of(host, options_->backend)),
        use_(book_),
        counts_(host) {
    host.iqs.on_get<&Privacy::asked>(*this, ns::privacy, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&Privacy::set>(*this, ns::privacy, IqTarget::account, options_->iqdisc);
    host.disco.add_feature(IqTarget::server, ns::privacy);
  }

  // §2.3.
  Task<IqReply> asked(const IqRequest& request) {
    if (!is_own(request)) co_return StanzaError::service_unavailable();
    if (request.query.name() != "query") co_return StanzaError::bad_request();
    counts_.asked.add();
    if (request.sender != nullptr) request.sender->notes.get<KnowsPrivacyLists>();
    const Jid user = request.from.bare();
    IqTurn turn{book_.line, user};
    if (!turn.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
    co_await turn;
    turn.take();
    if (!request.query.has_children()) co_return co_await names(request.from);
    const auto list = only_child(request.query);
    if (!list || !list->is("list", ns::privacy)) co_return StanzaError::bad_request("one list is asked for at a time");
    auto name = list_name(*list);
    if (!name) co_return std::move(name.error());
    if (!*name) co_return StanzaError::bad_request("which list?");
    const auto found = co_await book_.store().list(user, std::move(**name));
    if (!found) co_return no_such_list();
    std::string items;
    append_list(items, *found);
    co_return xml::Builder("query", ns::privacy).raw(items);
  }

  // §2.4 to §2.8.
  Task<IqReply> set(const IqRequest& request) {
    if (!is_own(request)) co_return StanzaError::service_unavailable();
    const auto child = only_child(request.query);
    const bool is_query = request.query.name() == "query" && child && child->namespace_id() == ns::privacy.id;
    if (!is_query) co_return StanzaError::bad_request("a list is written, or made active or default, one at a time");
    counts_.set.add();
    if (request.sender != nullptr) request.sender->notes.get<KnowsPrivacyLists>();
    auto name = list_name(*child);
    if (!name) co_return std::move(name.error());
    IqTurn turn{book_.line, request.from.bare()};
    if (!turn.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
    co_await turn;
    turn.take();
    if (child->name() == "active") {
      counts_.made_active.add();
      co_return co_await make_active(request.from, std::move(*name));
    }
    if (child->name() == "default") {
      counts_.made_default.add();
      co_return co_await make_default(request.from, std::move(*name));
    }
    if (child->name() != "list") co_return StanzaError::bad_request();
    auto list = read_list(*child);
    if (!list) co_return std::move(list.error());
    if (list->rules.empty()) co_return co_await remove(request.from, std::move(list->name));
    co_return co_await write(request.from.bare(), std::move(*list));
  }

 private:
  static bool is_own(const IqRequest& request) { return request.from.same_bare(request.to); }

  // Whether another session of the account goes by that list.
  bool is_used_by_others(const Jid& who, std::string_view name) const {
    const Account* const account = host_.hall.sessions.find(who);
    for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
      if (session->jid != who && session->rules && RuleBook::list_in_force(*session) == name) return true;
    return false;
  }
  // Whether another session has no active list.
  bool is_default_used_by_others(const Jid& who) const {
    const Account* const account = host_.hall.sessions.find(who);
    for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
      if (session->jid != who && !RuleBook::has_active(*session)) return true;
    return false;
  }

  Task<IqReply> names(Jid who) {
    const RulesPtr by_default = co_await book_.default_of(who.bare());
    const auto lists = co_await book_.store().names(who.bare());
    xml::Builder query("query", ns::privacy);
    const Session* const session = host_.hall.sessions.find_session(who);
    if (session != nullptr && RuleBook::has_active(*session))
      query.child(xml::Builder("active").attr("name", RuleBook::list_in_force(*session)));
    if (by_default) query.child(xml::Builder("default").attr("name", by_default->list().name));
    for (const std::string& name : lists) query.child(xml::Builder("list").attr("name", name));
    co_return query;
  }

  Task<IqReply> make_active(Jid who, std::optional<std::string> name) {
    RulesPtr rules;
    if (name) {
      auto list = co_await book_.store().list(who.bare(), std::move(*name));
      if (!list) co_return no_such_list();
      rules = co_await book_.compiled(who.bare(), std::move(*list));
    }
    co_await book_.set_active(who, rules);
    co_return IqReply::empty();
  }

  // §2.5.
  Task<IqReply> make_default(Jid who, std::optional<std::string> name) {
    const Jid user = who.bare();
    const RulesPtr before = co_await book_.default_of(user);
    std::optional<RuleList> list;
    if (name) {
      list = co_await book_.store().list(user, *name);
      if (!list) co_return no_such_list();
    }
    const bool stays = name ? before && before->list().name == *name : !before;
    if (stays) co_return IqReply::empty();
    if (before && is_default_used_by_others(who)) co_return in_use();
    RulesPtr rules;
    if (list) rules = co_await book_.compiled(user, std::move(*list));
    co_await book_.store().set_default(user, std::move(name));
    co_await book_.set_default(user, rules);
    push_blocking_changes(host_, user, before ? &before->list() : nullptr, rules ? &rules->list() : nullptr);
    co_return IqReply::empty();
  }

  // §2.6, §2.7.
  Task<IqReply> write(Jid user, RuleList list) {
    if (!has_room(list, options_->max_items)) co_return StanzaError::resource_constraint("this list is too long");
    const auto lists = co_await book_.store().names(user);
    const bool is_new = std::ranges::find(lists, list.name) == lists.end();
    if (is_new && lists.size() >= options_->max_lists)
      co_return StanzaError::resource_constraint("you have too many lists");
    const RulesPtr rules = co_await book_.compiled(user, list);
    if (rules->contacts() && !knows_groups(*rules->contacts(), list))
      co_return StanzaError::item_not_found("there is no such group in your roster");
    const RulesPtr before = co_await book_.default_of(user);
    co_await book_.store().write(user, std::move(list), Default::stays);
    co_await book_.list_changed(user, rules);
    counts_.pushed.add(push_list_name(host_, user, rules->list().name, Whom::all));
    if (before && before->list().name == rules->list().name)
      push_blocking_changes(host_, user, &before->list(), &rules->list());
    co_return IqReply::empty();
  }

  // §2.8.
  Task<IqReply> remove(Jid who, std::string name) {
    const Jid user = who.bare();
    const auto lists = co_await book_.store().names(user);
    if (std::ranges::find(lists, name) == lists.end()) co_return no_such_list();
    const RulesPtr before = co_await book_.default_of(user);
    if (is_used_by_others(who, name)) co_return in_use();
    co_await book_.store().remove(user, name);
    if (const Session* const session = host_.hall.sessions.find_session(who);
        session != nullptr && RuleBook::has_active(*session) && RuleBook::list_in_force(*session) == name)
      co_await book_.set_active(who, nullptr);
    if (before && before->list().name == name) {
      co_await book_.set_default(user, nullptr);
      push_blocking_changes(host_, user, &before->list(), nullptr);
    }
    counts_.pushed.add(push_list_name(host_, user, name, Whom::all));
    co_return IqReply::empty();
  }

  HostType& host_;
  const std::shared_ptr<const PrivacyOptions> options_;
  RuleBook& book_;
  const RuleBook::Use use_;
  const PrivacyCounts counts_;
};

}  // namespace

ModuleEntry privacy_module() {
  return module_entry<Privacy>(
      "mod_privacy", {"0016"},
      config::Section<PrivacyOptions>{"modules.mod_privacy",
                                      "Lets users write lists of whom they hear and who hears them (XEP-0016)."}
          .option("max_lists", &PrivacyOptions::max_lists,
                  "How many lists an account may have. One more is refused; those that are there stay.",
                  config::at_least(1), config::at_most(1000))
          .option("max_items", &PrivacyOptions::max_items,
                  "How many rules a list may have. Long lists of addresses cost memory while their owner is online, "
                  "and hardly any time.",
                  config::at_least(1), config::at_most(10000))
          .option("backend", &PrivacyOptions::backend, backend_sentence, config::needs_restart)
          // What a client says behind a request is judged by what it asked for.
          .section("iqdisc", &PrivacyOptions::iqdisc, iqdisc_section(IqProcessing::Type::no_queue)),
      privacy_schema());
}

}  // namespace meerkat
