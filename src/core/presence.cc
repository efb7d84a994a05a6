// SPDX-License-Identifier: Apache-2.0
// What a session says of its presence, and to whom it goes besides the contacts.
#include "core/presence.h"

#include <algorithm>
#include <charconv>

#include "core/events/routing_events.h"
#include "core/hall.h"
#include "core/host_counts.h"

namespace meerkat {
namespace {

// How many directed recipients one session is remembered with; beyond it the oldest is forgotten.
constexpr std::size_t most_directed = 1000;
constexpr std::size_t most_directed_bytes = 64 * 1024;
// Presence is kept for each session, index and all.
constexpr std::size_t largest_presence = 64 * 1024;

// What an account may cause is counted in contacts that are told so much. A probe counts as some, as each resource of
// the contact answers.
constexpr std::size_t counted_as_one = 2 * 1024;
constexpr std::size_t counted_for_probe = 100;

// RFC 6121 §4.7.2.3: a whole number from -128 to 127; 0 when absent.
std::optional<std::int8_t> priority_of(const Stanza& stanza) {
  const auto element = stanza.element().child("priority", ns::client);
  if (!element) return 0;
  const std::string text = element->text();
  int number = 0;
  const char* from = text.data();
  const char* const end = from + text.size();
  if (end - from > 1 && *from == '+' && from[1] != '-') ++from;
  const auto [rest, error] = std::from_chars(from, end, number);
  if (error != std::errc{} || rest != end || number < -128 || number > 127) return std::nullopt;
  return static_cast<std::int8_t>(number);
}

std::string status_of(const Stanza& stanza) {
  const auto status = stanza.element().child("status", ns::client);
  return status ? status->text() : std::string{};
}

}  // namespace

void PresenceBroadcast::sent(Session& sender, Stanza stanza) {
  if (stanza.to) return directed(sender, std::move(stanza));
  if (stanza.type == StanzaType::available) return became_available(sender, stanza);
  if (stanza.type == StanzaType::unavailable) return becomes_unavailable(sender, stanza);
  // RFC 6121 §3.1.2 and others: a subscription is with somebody; probes are for servers. An error names nobody.
  if (stanza.type != StanzaType::error) hall_.router.refuse(stanza, StanzaError::bad_request("whom is this for?"));
}

// RFC 6121 §4.2.2, §4.4.2.
void PresenceBroadcast::became_available(Session& sender, const Stanza& stanza) {
  const auto priority = priority_of(stanza);
  if (!priority)
    return hall_.router.refuse(stanza, StanzaError::bad_request("a priority is a number from -128 to 127"));
  if (stanza.body->footprint() > largest_presence)
    return hall_.router.refuse(stanza, StanzaError::policy_violation("this presence is too large to be kept"));
  const bool initial = !sender.available();
  const bool took_messages = sender.takes_messages();
  sender.priority = *priority;
  sender.presence = stanza.body;
  sender.presence_at = seconds_of(hall_.worker.clock().wall());
  const HookCounts& counts = sender.host.counts->hooks;
  counts.set_presence.add();
  // At once, so that nothing that comes now overtakes what has been kept.
  if (!took_messages && sender.takes_messages()) {
    counts.resend_offline_messages.add();
    hall_.fire(SessionTakesMessages{sender.host, sender});
  }
  tell_own_resources(sender, stanza);
  tell_audience(sender, stanza);
  slow_down(sender, sender.account->audience.size() * (1 + stanza.body->footprint() / counted_as_one));
  if (!initial) return;
  // RFC 6121 §4.2.2: the new resource learns of the others that are available.
  for (Session* other = sender.account->first; other != nullptr; other = other->next_of_account)
    if (other != &sender && other->available()) hall_.router.send(sender, last_presence(*other, sender.jid));
  counts.user_available.add();
  hall_.fire(UserBecomesAvailable{sender.host, sender});
}

// RFC 6121 §4.5.2.
void PresenceBroadcast::becomes_unavailable(Session& sender, const Stanza& stanza) {
  const bool was_available = sender.available();
  if (was_available) tell_own_resources(sender, stanza);
  sender.presence = {};
  tell_others(sender, stanza, was_available);
}

void PresenceBroadcast::session_ended(Session& session) {
  if (!session.available() && !session.directed) return;
  const Stanza last = gone(session, {});
  // Its own stream is closed already, and does not hear of it.
  const bool was_available = static_cast<bool>(std::exchange(session.presence, {}));
  if (was_available) tell_own_resources(session, last);
  tell_others(session, last, was_available);
}

void PresenceBroadcast::tell_others(Session& sender, const Stanza& unavailable, bool was_available) {
  if (was_available) tell_audience(sender, unavailable);
  if (sender.directed) tell_directed(sender, unavailable, was_available);
  if (was_available) sender.host.counts->hooks.unset_presence.add();
  if (was_available && !sender.host.hooks.chain<UserBecomesUnavailable>().empty())
    hall_.fire(UserBecomesUnavailable{sender.host, sender, status_of(unavailable)});
}

// RFC 6121 §4.6.3: unavailable presence also goes to those who got directed presence. Contacts have heard of it, but
// for a resource that was spoken to though it is not available.
void PresenceBroadcast::tell_directed(Session& sender, const Stanza& stanza, bool audience_knows) {
  const auto directed = std::exchange(sender.directed, nullptr);
  for (const Jid& who : directed->to) {
    const bool knows = audience_knows && sender.account->audience.includes(key_of(who));
    if (knows && who.is_bare()) continue;
    Stanza copy = stanza;
    copy.to = who;
    if (!sender.lets_out(copy)) continue;
    if (!knows) {
      hall_.router.route(std::move(copy));
      continue;
    }
    Hall& home = hall_.at_home_of(who);
    home.worker.call([&home, copy = std::move(copy)] { home.presence.tell_if_unavailable(copy); });
  }
}

void PresenceBroadcast::tell_if_unavailable(const Stanza& stanza) {
  Session* const session = hall_.sessions.find_session(stanza.to);
  if (session != nullptr && !session->available() && session->lets_in(stanza)) hall_.router.send(*session, stanza);
}

void PresenceBroadcast::directed(Session& sender, Stanza stanza) {
  if (stanza.type == StanzaType::available || stanza.type == StanzaType::unavailable) {
    if (!sender.directed) sender.directed = std::make_unique<Session::Directed>();
    Session::Directed& known = *sender.directed;
    known.forget(stanza.to);
    // Whom we cannot reach need not be told of the end.
    if (stanza.type == StanzaType::available && hall_.is_ours(stanza.to.domain())) {
      known.to.push_back(stanza.to);
      known.bytes += stanza.to.text().size();
      while (known.to.size() > most_directed || known.bytes > most_directed_bytes) known.forget(Jid{known.to.front()});
    }
    if (known.to.empty()) sender.directed = nullptr;
  }
  if (stanza.type == StanzaType::probe) slow_down(sender, counted_for_probe);
  // RFC 6121 §3: subscriptions are between accounts.
  if (stanza.is_subscription()) {
    stanza.from = stanza.from.bare();
    stanza.to = stanza.to.bare();
  }
  hall_.router.route(std::move(stanza));
}

void PresenceBroadcast::tell_own_resources(const Session& sender, const Stanza& stanza) {
  // RFC 6121 §4.2.2, §4.4.2: all available resources of the account, the sender's own included.
  for (Session* other = sender.account->first; other != nullptr; other = other->next_of_account)
    if (other->available()) hall_.router.send(*other, stanza, other->jid);
}

Stanza PresenceBroadcast::last_presence(const Session& session, const Jid& to) {
  return {.kind = StanzaKind::presence,
          .type = StanzaType::available,
          .by_server = true,
          .from = session.jid,
          .to = to,
          .body = session.presence};
}

Stanza PresenceBroadcast::gone(const Session& session, const Jid& to) {
  if (!gone_) gone_ = make_stanza(StanzaKind::presence, StanzaType::unavailable, {}, {}, {}, {}).body;
  return {.kind = StanzaKind::presence,
          .type = StanzaType::unavailable,
          .by_server = true,
          .from = session.jid,
          .to = to,
          .body = gone_};
}

}  // namespace meerkat
