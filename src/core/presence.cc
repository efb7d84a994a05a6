// SPDX-License-Identifier: Apache-2.0
#include "core/presence.h"

#include <algorithm>
#include <charconv>

#include "core/events/routing_events.h"
#include "core/hall.h"

namespace meerkat {
namespace {

// How many directed recipients one session is remembered with; beyond it the oldest is forgotten.
constexpr std::size_t most_directed = 1000;
constexpr std::size_t most_directed_bytes = 64 * 1024;
// Presence is kept for each session, index and all.
constexpr std::size_t largest_presence = 64 * 1024;

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

}  // namespace

void PresenceBroadcast::sent(Session& sender, Stanza stanza) {
  if (stanza.to) return directed(sender, std::move(stanza));
  if (stanza.type == StanzaType::available) return became_available(sender, stanza);
  if (stanza.type == StanzaType::unavailable) return became_unavailable(sender, stanza);
  // RFC 6121 §3.1.2 and others: a subscription is with somebody; probes are for servers. An error names nobody.
  if (stanza.type != StanzaType::error) hall_.router.refuse(stanza, StanzaError::bad_request("whom is this for?"));
}

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
  // At once, so that nothing that comes now overtakes what has been kept.
  if (!took_messages && sender.takes_messages()) hall_.fire(SessionTakesMessages{sender.host, sender});
  tell_own_resources(sender, stanza);
  if (!initial) return;
  // RFC 6121 §4.2.2: the new resource learns of the others that are available.
  for (Session* other = sender.account->first; other != nullptr; other = other->next_of_account) {
    if (other == &sender || !other->available()) continue;
    const Stanza theirs{.kind = StanzaKind::presence,
                        .type = StanzaType::available,
                        .from = other->jid,
                        .to = sender.jid,
                        .body = other->presence};
    hall_.router.send(sender, theirs);
  }
  hall_.fire(UserBecomesAvailable{sender.host, sender});
}

void PresenceBroadcast::became_unavailable(Session& sender, const Stanza& stanza) {
  const bool was_available = sender.available();
  if (was_available) tell_own_resources(sender, stanza);
  sender.presence = {};
  if (!sender.directed) return;
  // RFC 6121 §4.6.3: unavailable presence also goes to those who got directed presence.
  const auto directed = std::exchange(sender.directed, nullptr);
  for (const Jid& who : directed->to) {
    Stanza copy = stanza;
    copy.to = who;
    hall_.router.route(std::move(copy));
  }
}

void PresenceBroadcast::directed(Session& sender, Stanza stanza) {
  if (stanza.type == StanzaType::available || stanza.type == StanzaType::unavailable) {
    if (!sender.directed) sender.directed = std::make_unique<Session::Directed>();
    auto& [known, bytes] = *sender.directed;
    const auto forget = [&known, &bytes](std::vector<Jid>::iterator which) {
      if (which == known.end()) return;
      bytes -= which->text().size();
      known.erase(which);
    };
    forget(std::ranges::find(known, stanza.to));
    // Whom we cannot reach need not be told of the end.
    if (stanza.type == StanzaType::available && hall_.is_ours(stanza.to.domain())) {
      known.push_back(stanza.to);
      bytes += stanza.to.text().size();
      while (known.size() > most_directed || bytes > most_directed_bytes) forget(known.begin());
    }
    if (known.empty()) sender.directed = nullptr;
  }
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

void PresenceBroadcast::session_ended(Session& session) {
  if (!session.available() && !session.directed) return;
  const Stanza gone = make_stanza(StanzaKind::presence, StanzaType::unavailable, session.jid, Jid{}, {}, {});
  // Its own stream is closed already.
  const BodyRef presence = std::exchange(session.presence, {});
  if (presence) tell_own_resources(session, gone);
  became_unavailable(session, gone);
}

}  // namespace meerkat
