// SPDX-License-Identifier: Apache-2.0
// A bound resource (RFC 6120 §7), and the account it belongs to. Both live at the account's home and nowhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/audience.h"
#include "core/backlog.h"
#include "core/delivery_log.h"
#include "core/host_type.h"
#include "core/notes.h"
#include "core/stanza_rules.h"
#include "core/valve.h"
#include "xmpp/stream_error.h"

namespace meerkat {

// Where a session comes from, for people who look after the server.
struct StreamFacts {
  std::string peer;        // its IP address; empty when it is not known
  std::string security;    // "TLSv1.3"; empty without TLS
  std::uint16_t port = 0;  // of the peer; 0 when it is not known
  bool anonymous = false;  // the account is nobody else's, and ends with the session
};

// What a session needs of the stream that speaks for it. Called at the session's home.
class SessionStream {
 public:
  // Bytes for the client; they leave at the end of the turn.
  virtual std::string& out() = 0;
  // Bytes that the client has not taken so far.
  virtual std::size_t waiting() const = 0;
  // Whether all that was written has reached the client's machine.
  virtual bool peer_has_all() const = 0;
  // False when the client has left so much unread that it is cut off at the end of the turn: write nothing more.
  virtual bool takes_more() = 0;
  // It is cut off at the end of the turn, whatever it has read.
  virtual void give_up() = 0;
  // The stream ends with this error, and the session with it, before the call returns.
  virtual void end_with(const StreamError& error) = 0;
  // Back-pressure: nothing is read from this client until it is released, or a second has passed.
  virtual void hold() = 0;
  virtual void release() = 0;
  // Nothing more that the client says is taken, not even what was read already, until it goes on: a request is being
  // answered that has no queue but its sender.
  virtual void wait_for_answer() = 0;
  virtual void go_on() = 0;
  // Another stream speaks for the session from now on; this one ends, and the session lives.
  virtual void hand_over() = 0;
  virtual StreamFacts facts() const { return {}; }

 protected:
  ~SessionStream() = default;
};

class Session;
class StreamManagement;

// An account of which at least one session lives. Owned by the session table.
struct Account {
  explicit Account(Jid address) : bare(std::move(address)) {}

  Jid bare;
  Audience audience;  // who sees its presence; not known without mod_presence
  Notes notes;        // of modules
  // Null nearly always: messages are sent when they come.
  Backlog* backlog = nullptr;
  Account* next_in_bucket = nullptr;
  Session* first = nullptr;  // its sessions, newest first
};

class Session {
 public:
  Session(Jid full, HostType& host_type, SessionStream& its_stream);
  ~Session();

  const Jid jid;
  HostType& host;
  SessionStream* stream;
  Account* account = nullptr;
  Session* next_of_account = nullptr;

  // RFC 6121 §4: the last presence without `to`; empty while unavailable.
  BodyRef presence;
  std::int8_t priority = 0;
  // RFC 6121 §2.2: it has asked for the roster, and is told when that changes.
  bool wants_roster = false;
  // Somebody looks at its stanzas (stanza_trace.h).
  bool traced = false;
  // Requests of this client that handlers have not answered yet.
  std::uint16_t unanswered = 0;
  // Streams, those that were before a resume included, and tasks that may still look at it.
  std::uint16_t holders = 1;
  std::uint32_t opened_at = 0;    // seconds since 1970
  std::uint32_t presence_at = 0;  // the same, of `presence`
  bool available() const { return static_cast<bool>(presence); }
  // RFC 6121 §8.5.2: what is sent to the account may go to it.
  bool takes_messages() const { return available() && priority >= 0; }
  // Who got directed presence (RFC 6121 §4.6), and is told of the end.
  struct Directed {
    std::vector<Jid> to;
    std::size_t bytes = 0;  // of these addresses
    // Nothing happens when it is not there.
    void forget(const Jid& who);
  };
  std::unique_ptr<Directed> directed;

  // What was written without a sign of life since, as far as the client does not acknowledge it.
  InFlight in_flight;
  // XEP-0198; null: the client has not enabled it.
  std::unique_ptr<StreamManagement> management;
  // False while its client is away and may come back.
  bool connected() const;
  // Bytes that the client has not taken, as far as is known.
  std::size_t unread() const;
  // What it lets in and out; null: everything.
  std::shared_ptr<const StanzaRules> rules;
  bool lets_in(const Stanza& stanza) const { return !rules || rules->lets_in(stanza); }
  bool lets_out(const Stanza& stanza) const { return !rules || rules->lets_out(stanza); }
  // Holds back what the client can wait for; null: nothing.
  std::unique_ptr<Valve> valve;
  Notes notes;  // of modules

  // Senders who wait because this client reads too slowly.
  std::unique_ptr<std::vector<Jid>> held;
};

static_assert(sizeof(Session) <= 168, "an idle session costs at most 1.5 KB in all");

}  // namespace meerkat
