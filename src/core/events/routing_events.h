// SPDX-License-Identifier: Apache-2.0
// Events on the way of a stanza.
#pragma once

#include <string>
#include <string_view>

#include "core/reached.h"
#include "core/stanza_context.h"

namespace meerkat {

struct UserSendsMessage {
  static constexpr std::string_view name = "user_sends_message";
  static constexpr std::string_view about = "A local user's message, before it is routed; on the sender's home worker.";
  StanzaContext& context;
};

struct UserSendsPresence {
  static constexpr std::string_view name = "user_sends_presence";
  static constexpr std::string_view about =
      "A local user's presence, before it is routed; on the sender's home worker.";
  StanzaContext& context;
};

struct UserSendsIq {
  static constexpr std::string_view name = "user_sends_iq";
  static constexpr std::string_view about = "A local user's iq, before it is routed; on the sender's home worker.";
  StanzaContext& context;
};

struct UserReceivesStanza {
  static constexpr std::string_view name = "user_receives_stanza";
  static constexpr std::string_view about =
      "A stanza that arrived at the home of its recipient, before it is delivered. Stopped: it is dropped.";
  HostType& host;
  Stanza& stanza;
};

struct SubscriptionArrives {
  static constexpr std::string_view name = "subscription_arrives";
  static constexpr std::string_view about =
      "Presence of RFC 6121 §3 (subscribe and its like) at the home of its recipient, after UserReceivesStanza. Who "
      "keeps rosters stops it; else available sessions get it. What comes later for the account waits.";
  HostType& host;
  Stanza& stanza;
};

struct MessageGetsEntry {
  static constexpr std::string_view name = "message_gets_entry";
  static constexpr std::string_view about =
      "A message for an account has become an entry of it, and nobody has been sent it yet; answered at once, never "
      "later. What goes to all who will ever get it is added now, to its extras.";
  HostType& host;
  DeliveryEntry& entry;
};

struct MessageDelivered {
  static constexpr std::string_view name = "message_delivered";
  static constexpr std::string_view about =
      "A message was sent to sessions of its account; answered at once, never later. The other sessions may get "
      "copies.";
  HostType& host;
  Account& account;
  const EntryRef& entry;
  const Reached& reached;
};

struct MessageFindsNobody {
  static constexpr std::string_view name = "message_finds_nobody";
  static constexpr std::string_view about =
      "A message for an account of which no session can take it. Whoever keeps it stops the chain; else it is refused.";
  HostType& host;
  DeliveryEntry& entry;
};

struct SessionTakesMessages {
  static constexpr std::string_view name = "session_takes_messages";
  static constexpr std::string_view about =
      "From now on what is sent to its account may go to this session: it became available, or its priority is no "
      "longer negative. What has been kept for the account can be delivered. Who waits looks the session up again.";
  HostType& host;
  Session& session;
};

struct UserBecomesAvailable {
  static constexpr std::string_view name = "user_becomes_available";
  static constexpr std::string_view about =
      "A session sent its initial presence: what waited for one can be delivered. Who waits looks the session up "
      "again.";
  HostType& host;
  Session& session;
};

struct UserBecomesUnavailable {
  static constexpr std::string_view name = "user_becomes_unavailable";
  static constexpr std::string_view about =
      "A session that was available sent unavailable presence, or ended. Who waits looks the session up again.";
  HostType& host;
  Session& session;
  std::string status;  // its last words (RFC 6121 §4.7.2.2); may be empty
};

}  // namespace meerkat
