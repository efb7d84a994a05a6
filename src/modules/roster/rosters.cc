// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/rosters.h"

#include <utility>
#include <vector>

#include "base/random.h"
#include "core/hall.h"
#include "modules/roster/roster_events.h"
#include "modules/roster/roster_item.h"
#include "modules/roster/roster_sql.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

// Of one roster in memory, whatever the number of its contacts: a client that asks for it has to be able to read it.
constexpr std::size_t most_roster_bytes = std::size_t{2} << 20;

constexpr std::chrono::seconds sweep_every{10};

constexpr auto roster_fetched = metrics::counted("mod_roster_get", "A client fetched its roster.");
constexpr auto roster_changed = metrics::counted("mod_roster_set", "A client changed its roster.");
constexpr auto roster_pushed = metrics::counted("mod_roster_push", "A change was pushed to a session.");

}  // namespace

bool ContactChange::shows() const {
  const bool was_listed = before && before->listed;
  const bool is_listed = after && after->listed;
  if (!was_listed || !is_listed) return was_listed != is_listed;
  Contact same = *after;
  same.asked_in = before->asked_in;
  return same != *before;
}

bool ContactChange::ends_being_seen() const {
  return before && is_seen(before->subscription) && !(after && is_seen(after->subscription));
}

RosterCalls::RosterCalls(const BackendMetrics& metrics)
    : get_roster(metrics, "get_roster"),
      read_roster_version(metrics, "read_roster_version"),
      write_roster_version(metrics, "write_roster_version"),
      update_roster_t(metrics, "update_roster_t"),
      roster_subscribe_t(metrics, "roster_subscribe_t"),
      del_roster_t(metrics, "del_roster_t") {}

const BackendCall& RosterCalls::of(const ContactChange& change) const {
  if (!change.after) return del_roster_t;
  const Contact before = change.before.value_or(Contact{});
  const Contact& after = *change.after;
  const bool is_subscription = before.subscription != after.subscription || before.asked_out != after.asked_out ||
                               before.asked_in != after.asked_in || before.approved != after.approved;
  return is_subscription ? roster_subscribe_t : update_roster_t;
}

RosterCounts::RosterCounts(const HostType& host)
    : fetched(host.hall.metrics, roster_fetched, {host.name}),
      changed(host.hall.metrics, roster_changed, {host.name}),
      pushed(host.hall.metrics, roster_pushed, {host.name}),
      subscription_leaves(host.hall.metrics, "roster_out_subscription",
                          "A user asks for a subscription, or changes one.", host.name),
      contacts_asked(host.hall.metrics, "roster_get_subscription_lists", "Somebody wants the contacts of an account.",
                     host.name) {}

Rosters::Rosters(HostType& host, const RosterOptions& options)
    : host_(host),
      options_(options),
      store_(sql_roster_store(database_of(host, options.backend))),
      calls_({host, "mod_roster", options.backend}),
      counts_(host) {}

SteadyTime Rosters::now() const { return host_.hall.worker.clock().steady(); }

Answer<RosterState> Rosters::of(const Jid& user) {
  if (const RosterState* const known = cache_.find(user, now())) return *known;
  return load(user);
}

Task<RosterState> Rosters::load(const Jid& user) {
  return loads_.answer(
      user, [this, user] { return read(user); }, [this, user](const RosterState& roster) { remember(user, roster); });
}

Task<RosterState> Rosters::read(Jid user) {
  std::vector<Contact> contacts = co_await calls_.get_roster(store_->contacts(user));
  RosterState roster{std::make_shared<const ContactList>(std::move(contacts)), {}};
  if (options_.versioning && options_.store_current_id)
    roster.version = co_await calls_.read_roster_version(store_->version(user));
  co_return roster;
}

Task<RosterState> Rosters::change(Jid user, const ContactChange& change, std::optional<std::string> request) {
  RosterState roster = co_await of(user);
  RosterChange stored{.user = user, .contact = change.contact(), .after = change.after, .request = std::move(request)};
  if (change.shows()) {
    stored.version = options_.store_current_id ? random_token(64) : std::string{};
    roster.version = *stored.version;
  }
  ContactList contacts = change.after ? roster.contacts->with(*change.after) : roster.contacts->without(stored.contact);
  roster.contacts = std::make_shared<const ContactList>(std::move(contacts));
  try {
    co_await calls_.of(change)(store_->change(std::move(stored)));
  } catch (...) {
    drop(user);  // it may have happened, and may not
    throw;
  }
  loads_.overtake(user);
  remember(user, roster);
  co_return roster;
}

void Rosters::push(const Jid& user, const ContactChange& change, const RosterState& roster) {
  const Account* const account = host_.hall.sessions.find(user);
  if (account == nullptr) return;
  Stanza push;
  for (Session* session = account->first; session != nullptr; session = session->next_of_account) {
    if (!session->wants_roster) continue;
    if (!push.body) {
      std::string item;
      if (change.after && change.after->listed)
        append_item(item, *change.after);
      else
        append_removed_item(item, change.contact());
      xml::Builder query("query", ns::roster);
      if (options_.versioning)
        query.attr("ver", roster.version.empty() ? meerkat::version_of(*roster.contacts) : roster.version);
      query.raw(item);
      // Without `from` it is from the account itself.
      push = make_stanza(StanzaKind::iq, StanzaType::set, {}, {}, "push" + random_token(32), query.str());
    }
    counts_.pushed.add();
    host_.hall.router.send(*session, push, session->jid);
  }
}

Task<> Rosters::tell(Jid user, const ContactChange& change) {
  ContactChanged event{host_, user, change.before ? &*change.before : nullptr, change.after ? &*change.after : nullptr};
  [[maybe_unused]] const Verdict verdict = co_await host_.run(event);
}

Task<std::string> Rosters::version_of(Jid user, const RosterState& roster) {
  if (!options_.versioning) co_return std::string{};
  if (!options_.store_current_id) co_return meerkat::version_of(*roster.contacts);
  if (!roster.version.empty()) co_return roster.version;
  RosterState versioned = roster;
  versioned.version = random_token(64);
  co_await calls_.write_roster_version(store_->set_version(user, versioned.version));
  loads_.overtake(user);
  remember(user, versioned);
  co_return versioned.version;
}

bool Rosters::has_room(const ContactList& contacts) const {
  return contacts.listed() < options_.max_contacts && contacts.footprint() < most_roster_bytes;
}

Task<> Rosters::forget(Jid user) {
  drop(user);
  co_await store_->remove(user);
  drop(user);
}

void Rosters::remember(const Jid& user, RosterState roster) {
  cache_.put(user, std::move(roster), now());
  sweep_later();
}

void Rosters::drop(const Jid& user) {
  loads_.overtake(user);
  cache_.drop(user);
}

void Rosters::sweep_later() {
  if (sweep_.is_set() || cache_.empty()) return;
  sweep_.set(
      host_.hall.worker.timers(), sweep_every,
      [](void* self) {
        auto& rosters = *static_cast<Rosters*>(self);
        rosters.cache_.drop_idle(rosters.now());
        rosters.sweep_later();
      },
      this);
}

}  // namespace meerkat
