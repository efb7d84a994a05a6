// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/roster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/events/account_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/iq_line.h"
#include "modules/roster/roster_events.h"
#include "modules/roster/roster_item.h"
#include "modules/roster/roster_options.h"
#include "modules/roster/roster_sql.h"
#include "modules/roster/rosters.h"
#include "modules/roster/subscriptions.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

bool is_own(const IqRequest& request) { return request.from.same_bare(request.to); }

// The same whether there is such an account or not (RFC 6121 §2.3.3).
StanzaError not_yours() { return StanzaError::forbidden("a roster belongs to its owner"); }

class Roster final : public Module {
 public:
  Roster(HostType& host, std::shared_ptr<const RosterOptions> options)
      : host_(host), options_(std::move(options)), rosters_(host, *options_), subscriptions_(host, rosters_) {
    using enum IqProcessing::Type;
    // Where its stream does not wait, a client's request takes its place among what else it does to its roster first,
    // and stands in line for the module then: otherwise its subscriptions would overtake its requests.
    const bool waits_inside = options_->iqdisc.type == one_queue || options_->iqdisc.type == queues;
    const IqProcessing outside = waits_inside ? IqProcessing{.type = parallel, .workers = {}} : options_->iqdisc;
    if (waits_inside) line_ = std::make_shared<IqQueue>(options_->iqdisc, host.hall.workers.size());
    host.iqs.on_get<&Roster::asked>(*this, ns::roster, IqTarget::account, outside);
    host.iqs.on_set<&Roster::set>(*this, ns::roster, IqTarget::account, outside);
    host.hooks.on<&Roster::features_wanted>(*this);
    host.hooks.on<&Roster::contacts_asked>(*this);
    // Behind those who may forbid it.
    host.hooks.on<&Roster::user_sends_presence>(*this, 90);
    host.hooks.on<&Roster::subscription_arrives>(*this, 90);
    host.hooks.on<&Roster::became_available>(*this);
    host.hooks.on<&Roster::account_registered>(*this);
    host.hooks.on<&Roster::account_removed>(*this);
  }

  // RFC 6121 §2.2.
  Task<IqReply> asked(const IqRequest& request) {
    if (!is_own(request)) co_return not_yours();
    if (request.query.name() != "query") co_return StanzaError::bad_request();
    rosters_.counts().fetched.add();
    const Jid user = request.from.bare();
    const SteadyTime came = host_.hall.worker.clock().steady();
    const auto turn = co_await rosters_.turns.of(user);
    IqTurn in_line{line_, request.from};
    if (!in_line.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
    co_await in_line;
    in_line.take();
    if (is_late(came)) co_return StanzaError::resource_constraint(came_too_late);
    const RosterState roster = co_await rosters_.of(user);
    const auto known = request.query.attr("ver");
    std::string version;
    if (known) version = co_await rosters_.version_of(user, roster);
    // In the same turn of the worker as the result: no push is missed, and none comes before it.
    if (Session* const session = host_.hall.sessions.find_session(request.from)) session->wants_roster = true;
    if (known && !version.empty() && *known == version) co_return IqReply::empty();
    std::string items;
    for (const ContactList::Entry& entry : *roster.contacts)
      if (entry.listed) append_item(items, *roster.contacts, entry);
    xml::Builder query("query", ns::roster);
    if (!version.empty()) query.attr("ver", version);
    co_return query.raw(items);
  }

  // RFC 6121 §2.3, §2.4, §2.5.
  Task<IqReply> set(const IqRequest& request) {
    if (!is_own(request)) co_return not_yours();
    auto wish = roster_wish(request.query);
    if (!wish) co_return std::move(wish.error());
    rosters_.counts().changed.add();
    const Jid user = request.from.bare();
    if (!wish->remove && !fits(user, *wish))
      co_return StanzaError::not_acceptable("the address of a contact and the name of a group are too long together");
    if (wish->contact == user && !wish->remove) co_return StanzaError::not_allowed("nobody is his own contact");
    const SteadyTime came = host_.hall.worker.clock().steady();
    const auto turn = co_await rosters_.turns.of(user);
    IqTurn in_line{line_, request.from};
    if (!in_line.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
    co_await in_line;
    in_line.take();
    if (is_late(came)) co_return StanzaError::resource_constraint(came_too_late);
    if (wish->remove) {
      auto removed = co_await remove(user, wish->contact);
      co_return removed;
    }
    auto updated = co_await update(user, std::move(*wish));
    co_return updated;
  }

  Verdict features_wanted(StreamFeatures& event) {
    if (!event.authenticated) return Verdict::next();
    // RFC 6121 §2.6.1, §3.4.1.
    if (options_->versioning) xml::Builder("ver", ns::roster_version).append_to(event.features);
    xml::Builder("sub", ns::pre_approval).append_to(event.features);
    return Verdict::next();
  }

  Answer<Verdict> contacts_asked(ContactsAsked& event) {
    rosters_.counts().contacts_asked.add();
    Answer<RosterState> answer = rosters_.of(event.user);
    if (!answer.at_hand()) return bring_contacts(event, answer.take_task());
    event.contacts = std::move(answer.value().contacts);
    return Verdict::stop();
  }

  Answer<Verdict> user_sends_presence(UserSendsPresence& event) {
    const Stanza& stanza = event.context.stanza;
    if (!stanza.is_subscription() || !stanza.to) return Verdict::next();
    return subscription_leaves(stanza);
  }

  Task<Verdict> subscription_arrives(SubscriptionArrives& event) {
    try {
      co_await subscriptions_.arrives(event.stanza);
    } catch (const sql::Unavailable& failure) {
      log_warning("subscription_lost", {{"to", event.stanza.to.text()}, {"error", failure.what()}});
    }
    co_return Verdict::stop();
  }

  Task<Verdict> became_available(UserBecomesAvailable& event) {
    co_await subscriptions_.remind(event.session.jid);
    co_return Verdict::next();
  }

  // Of an account of the same name, whose end was not heard here: the new owner must not see it.
  Task<Verdict> account_registered(AccountRegistered& event) {
    const Jid user = event.user.bare();
    const auto turn = co_await rosters_.turns.of(user);
    const bool knows = co_await rosters_.store().knows(user);
    if (knows) co_await rosters_.forget(user);
    co_return Verdict::next();
  }

  Task<Verdict> account_removed(AccountRemoved& event) {
    co_await subscriptions_.end_all(event.user.bare());
    co_return Verdict::next();
  }

 private:
  static Task<Verdict> bring_contacts(ContactsAsked& event, Task<RosterState> coming) {
    RosterState roster = co_await coming;
    event.contacts = std::move(roster.contacts);
    co_return Verdict::stop();
  }

  // What could not be kept must not leave, so a failure is answered here and not passed on.
  Task<Verdict> subscription_leaves(Stanza stanza) {
    try {
      Verdict verdict = co_await subscriptions_.leaves(std::move(stanza));
      co_return verdict;
    } catch (const sql::Unavailable& failure) {
      // The database has said so itself, once; here it would be once per request.
      log_debug("subscription_failed", {{"error", failure.what()}});
    } catch (const std::exception& failure) {
      log_error("subscription_failed", {{"error", failure.what()}, {"now", "the client is told"}});
    }
    co_return Verdict::refuse(StanzaError::internal_server_error());
  }

  Task<IqReply> update(Jid user, RosterWish wish) {
    const RosterState roster = co_await rosters_.of(user);
    ContactChange change;
    if (const auto* const entry = roster.contacts->find(wish.contact)) change.before = roster.contacts->contact(*entry);
    const bool is_listed = change.before && change.before->listed;
    if (!is_listed && !rosters_.has_room(*roster.contacts))
      co_return StanzaError::resource_constraint("your roster is full");
    Contact after = change.before.value_or(Contact{.jid = wish.contact});
    after.name = std::move(wish.name);
    after.groups = std::move(wish.groups);
    after.listed = true;
    change.after = std::move(after);
    if (change.changes_anything()) {
      const RosterState changed = co_await rosters_.change(user, change);
      rosters_.push(user, change, changed);
      co_await rosters_.tell(user, change);
    } else {
      rosters_.push(user, change, roster);
    }
    co_return IqReply::empty();
  }

  bool is_late(SteadyTime came) const { return host_.hall.worker.clock().steady() - came > longest_in_line; }

  static bool fits(const Jid& user, const RosterWish& wish) {
    return fits_store(user, wish.contact) && std::ranges::all_of(wish.groups, [&](const std::string& group) {
             return fits_store(user, wish.contact, group);
           });
  }

  Task<IqReply> remove(Jid user, Jid contact) {
    const RosterState roster = co_await rosters_.of(user);
    const auto* const entry = roster.contacts->find(contact);
    if (entry == nullptr || !entry->listed) co_return StanzaError::item_not_found("there is no such contact");
    co_await subscriptions_.end(user, roster.contacts->contact(*entry));
    co_return IqReply::empty();
  }

  HostType& host_;
  const std::shared_ptr<const RosterOptions> options_;
  Rosters rosters_;
  Subscriptions subscriptions_;
  std::shared_ptr<IqQueue> line_;
};

}  // namespace

config::Section<RosterOptions> roster_section() {
  return config::Section<RosterOptions>{"modules.mod_roster",
                                        "Keeps contact lists, and who may see whose presence (RFC 6121 §2, §3)."}
      .option("versioning", &RosterOptions::versioning,
              "Give rosters versions, so that a client whose copy is up to date is sent nothing at login.")
      .option("store_current_id", &RosterOptions::store_current_id,
              "Keep the version in the database instead of computing it from the contacts: dearer for each change, "
              "cheaper for each login. Keep it off unless rosters are very large.")
      .option("max_contacts", &RosterOptions::max_contacts,
              "How many contacts a roster may have. One more is refused; rosters that are larger already stay.",
              config::at_least(1), config::at_most(20000))
      .option("backend", &RosterOptions::backend, backend_sentence, config::needs_restart)
      .section("iqdisc", &RosterOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue));
}

ModuleEntry roster_module() { return module_entry<Roster>("mod_roster", {"0237"}, roster_section(), roster_schema()); }

}  // namespace meerkat
