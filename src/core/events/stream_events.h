// SPDX-License-Identifier: Apache-2.0
// Events of a client's stream before and when it is bound to a resource.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/delivery_log.h"
#include "core/host_type.h"
#include "core/iq_table.h"
#include "core/session_facts.h"

namespace meerkat {

struct StreamFeatures {
  static constexpr std::string_view name = "stream_features";
  static constexpr std::string_view about = "The features of a stream are put together; add yours (RFC 6120 §4.3.2).";
  HostType& host;
  bool authenticated;
  std::string& features;  // XML, appended to
};

struct StrangerAsks {
  static constexpr std::string_view name = "stranger_asks";
  static constexpr std::string_view about = "An iq before authentication. Whoever answers sets `reply` and stops.";
  HostType& host;
  const IqRequest& request;
  const std::string& peer_address;
  std::optional<IqReply> reply;
};

struct ClientSendsNonza {
  static constexpr std::string_view name = "client_sends_nonza";
  static constexpr std::string_view about =
      "An element of an established stream that is no stanza. Whoever knows it stops the chain, at once; else the "
      "stream ends.";
  HostType& host;
  Session& session;
  const xml::Element& element;
};

struct SessionOpens {
  static constexpr std::string_view name = "session_opens";
  static constexpr std::string_view about =
      "A resource was bound; on the home worker of its account. Who waits looks the session up again afterwards.";
  HostType& host;
  Session& session;
};

struct SessionEnds {
  static constexpr std::string_view name = "session_ends";
  static constexpr std::string_view about = "A session is over and its presence is gone; on the home worker.";
  HostType& host;
  Session& session;
};

struct SessionDetaches {
  static constexpr std::string_view name = "session_detaches";
  static constexpr std::string_view about =
      "A session has lost its connection and waits for its client (XEP-0198 §5); others see no difference. On the home "
      "worker. Who waits looks the session up again.";
  HostType& host;
  Session& session;
};

struct SessionResumes {
  static constexpr std::string_view name = "session_resumes";
  static constexpr std::string_view about =
      "A client has resumed its session, and was sent what it had not acknowledged. On the home worker. Who waits "
      "looks the session up again.";
  HostType& host;
  Session& session;
};

struct SessionIsKept {
  static constexpr std::string_view name = "session_is_kept";
  static constexpr std::string_view about =
      "The server stops, and a session that waits for its client is written down. Whoever keeps something with it that "
      "matters adds it to `facts`, at once.";
  HostType& host;
  const Session& session;
  SessionFacts& facts;
};

struct SessionIsRestored {
  static constexpr std::string_view name = "session_is_restored";
  static constexpr std::string_view about =
      "A session of the server that stopped waits for its client again, and nobody can connect yet. Whoever added "
      "facts "
      "takes them back; nobody else is to notice anything. Who waits looks the session up again.";
  HostType& host;
  Session& session;
  const SessionFacts& facts;
};

struct ResumptionFails {
  static constexpr std::string_view name = "resumption_fails";
  static constexpr std::string_view about =
      "A client wants to resume a session that is not there. Who knows how much that session had taken from this "
      "account says so in `handled`, and stops (XEP-0198 §5).";
  HostType& host;
  const Jid& user;  // bare
  const std::string& id;
  std::optional<std::uint32_t> handled;
};

struct MessageUnacknowledged {
  static constexpr std::string_view name = "message_unacknowledged";
  static constexpr std::string_view about =
      "A message waits for a client that is away and may come back: it was not acknowledged, or came later. Answered "
      "at once, never later.";
  HostType& host;
  Session& session;
  const EntryRef& entry;
};

struct UnacknowledgedGoOn {
  static constexpr std::string_view name = "unacknowledged_go_on";
  static constexpr std::string_view about =
      "A session with stream management has ended. What its client did not acknowledge, oldest first, goes to others, "
      "to whoever keeps it, or back. Answered at once, never later.";
  HostType& host;
  Session& session;
  const std::vector<SentEntry>& entries;
};

}  // namespace meerkat
