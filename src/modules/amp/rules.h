// SPDX-License-Identifier: Apache-2.0
// XEP-0079 §3, §4: the rules of one message, read and judged. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/stanza.h"

namespace meerkat {

enum class AmpCondition : std::uint8_t { deliver, match_resource };
enum class AmpAction : std::uint8_t { drop, error, notify };
enum class AmpValue : std::uint8_t { direct, forward, gateway, none, stored, any, exact, other };

struct AmpRule {
  AmpCondition condition;
  AmpAction action;
  AmpValue value;
  std::string element;  // as it goes back to the sender

  // Whether its sender hears what became of the message.
  bool tells() const { return action != AmpAction::drop; }
};

// Where a message would go, or has gone.
struct AmpFate {
  AmpValue delivery;  // direct, stored or none
  // To a session, and to that of the address: what a full address asks for.
  bool to_full_address = false;
  bool is_exact = false;

  bool meets(const AmpRule& rule) const;
};

// What a server must not accept (XEP-0079 §6.1).
struct AmpMistake {
  StanzaCondition condition;
  std::string_view code;   // as in the examples of XEP-0079, which do not agree with XEP-0086
  std::string_view named;  // "unsupported-actions", …
  std::string rules;       // those that are meant, as XML
};

// The <amp/> of a message that asks for something; nothing when there is none,
// or when it tells of what has happened (§4.1), or when the message could not
// be answered.
std::optional<xml::Element> amp_request_in(const Stanza& message);

// Some of it, or all of it, when it can be accepted: a rule that does not count
// here (§3.3.3) is left out.
struct AmpRequest {
  std::vector<AmpRule> rules;
  std::optional<AmpMistake> mistake;

  // The first that is met (§2.2.3); null for none.
  const AmpRule* first_met(const AmpFate& fate) const;
};
AmpRequest read_amp_request(const xml::Element& amp);

// §3.4, §6: what the sender of a message hears, from `server`. It holds nothing
// of the message but its id.
Stanza amp_notification(const Stanza& message, const Jid& server, const AmpRule& rule);
Stanza amp_failure(const Stanza& message, const Jid& server, const AmpRule& rule);
Stanza amp_refusal(const Stanza& message, const Jid& server, const AmpMistake& mistake);
// Its rules may not be accepted from somebody who may not see whether the
// recipient is there (§9).
AmpMistake not_for_strangers(const std::vector<AmpRule>& rules);

}  // namespace meerkat
