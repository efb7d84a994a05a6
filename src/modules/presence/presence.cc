// SPDX-License-Identifier: Apache-2.0
#include "modules/presence/presence.h"

#include <array>

#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "modules/roster/roster_events.h"
#include "runtime/workers.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

struct PresenceOptions {};

// How long until a roster that could not be read is asked for again.
constexpr std::chrono::seconds until_next_try = 5s;

// How often contacts have changed, in so many classes of accounts: whoever waited for a roster sees whether what he got
// may be old. A change of somebody else's costs a second look at most.
class Changes {
 public:
  std::uint32_t& of(const Jid& user) { return counts_[user.bare_hash() % counts_.size()]; }

 private:
  std::array<std::uint32_t, 256> counts_{};
};

// The session's contacts are being asked for.
struct Asking final : Note {};

// Those of a roster that see the account, and those it sees.
struct Neighbours {
  std::vector<AccountKey> see_us, we_see;
};
Neighbours neighbours_of(const Jid& user, const ContactList& contacts) {
  Neighbours found;
  for (const ContactList::Entry& contact : contacts) {
    if (!contact.jid.is_bare() || contact.jid == user) continue;
    if (is_seen(contact.subscription)) found.see_us.push_back(key_of(contact.jid));
    if (sees(contact.subscription)) found.we_see.push_back(key_of(contact.jid));
  }
  return found;
}

// RFC 6121 §4.2.2, once the roster is there.
void introduce(Session& session, const ContactList& contacts) {
  PresenceBroadcast& presence = session.host.hall.presence;
  Account& account = *session.account;
  Neighbours neighbours = neighbours_of(account.bare, contacts);
  if (!account.audience.known()) presence.meet(account, Audience{std::move(neighbours.see_us)});
  presence.probe(session, Audience{std::move(neighbours.we_see)});
}

// Nobody waits for it: what the session says meanwhile is told in the end, and only the last of it.
Task<> ask_contacts(HostType& host, Jid who, std::shared_ptr<Changes> changes) {
  const Jid user = who.bare();
  for (;;) {
    const std::uint32_t before = changes->of(user);
    const auto contacts = co_await contacts_of(host, user);
    Session* const session = host.hall.sessions.find_session(who);
    if (session == nullptr) co_return;
    const bool nobody_knows = host.hooks.chain<ContactsAsked>().empty();
    if (!session->available() || nobody_knows) {
      session->notes.drop<Asking>();
      co_return;
    }
    if (contacts == nullptr) {
      co_await sleep_for(until_next_try);
      continue;
    }
    if (changes->of(user) != before) continue;
    session->notes.drop<Asking>();
    introduce(*session, *contacts);
    co_return;
  }
}

// Lives with its host type on one worker. What is known of contacts is with the accounts (core/audience.h).
class Presence final : public Module {
 public:
  Presence(HostType& host, const std::shared_ptr<const PresenceOptions>&) : host_(host) {
    host.hooks.on<&Presence::sends_presence>(*this);
    host.hooks.on<&Presence::becomes_available>(*this);
    host.hooks.on<&Presence::contact_changed>(*this);
    // Behind those who say what it lets in and out.
    host.hooks.on<&Presence::session_is_restored>(*this, 90);
  }
  // Without it nobody would keep them current.
  ~Presence() override {
    host_.hall.sessions.for_each([this](const Session& session) {
      if (&session.host == &host_) session.account->audience = {};
    });
  }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  // Of a session that was there before the module.
  Verdict sends_presence(UserSendsPresence& event) {
    Session& sender = event.context.sender;
    if (sender.available() && !sender.account->audience.known() && !event.context.stanza.to) ask(sender);
    return Verdict::next();
  }

  Verdict becomes_available(UserBecomesAvailable& event) {
    ask(event.session);
    return Verdict::next();
  }

  // After a restart it is as it was: nobody is told, for nobody who is here has heard anything else.
  Task<Verdict> session_is_restored(SessionIsRestored& event) {
    const Session& session = event.session;
    if (session.account == nullptr || !session.available() || session.account->audience.known())
      co_return Verdict::next();
    const Jid who = session.jid;
    const auto contacts = co_await contacts_of(host_, who.bare());
    Session* const still = host_.hall.sessions.find_session(who);
    if (still == nullptr || still->account->audience.known()) co_return Verdict::next();
    if (contacts)
      still->account->audience = Audience{neighbours_of(still->account->bare, *contacts).see_us};
    else
      ask(*still);
    co_return Verdict::next();
  }

  Verdict contact_changed(ContactChanged& event) {
    ++changes_->of(event.user);
    const bool saw = event.before != nullptr && is_seen(event.before->subscription);
    const bool sees_now = event.after != nullptr && is_seen(event.after->subscription);
    if (saw == sees_now || !event.contact().is_bare()) return Verdict::next();
    Account* const account = host_.hall.sessions.find(event.user);
    if (account == nullptr) return Verdict::next();
    // RFC 6121 §3.1.5, and §3.2.2, §3.3.3.
    if (sees_now)
      host_.hall.presence.admit(*account, event.contact());
    else
      host_.hall.presence.dismiss(*account, event.contact());
    return Verdict::next();
  }

 private:
  void ask(Session& session) {
    if (session.notes.find<Asking>() != nullptr) return;
    session.notes.get<Asking>();
    host_.hall.scope.spawn(ask_contacts(host_, session.jid, changes_));
  }

  HostType& host_;
  const std::shared_ptr<Changes> changes_ = std::make_shared<Changes>();
};

}  // namespace

ModuleEntry presence_module() {
  return module_entry<Presence>(
      "mod_presence", {},
      config::Section<PresenceOptions>{"modules.mod_presence",
                                       "Tells contacts when an account is available, and the account when they are. It "
                                       "needs mod_roster, which knows the contacts."});
}

}  // namespace meerkat
