// SPDX-License-Identifier: Apache-2.0
// Lets an operator see the stanzas of one address as they come and go: redacted (redaction.h), no more than so many in
// a second, and not for long.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/redaction.h"
#include "runtime/timer.h"
#include "xml/parser.h"
#include "xmpp/jid.h"

namespace meerkat {

class Session;
class Worker;
class SessionTable;

struct TracedStanza {
  // in: from the client; out: to it; note: something about the trace itself; end: why it is over, the last line.
  enum class Way : std::uint8_t { in, out, note, end };

  std::uint64_t number = 0;  // counted from 1
  WallTime when;
  Way way = Way::note;
  std::string session;  // the full address; empty in a note
  std::string text;
};

// What is seen of one address, for whoever asked. Any thread; written at the home of the address.
class TraceLog {
 public:
  static constexpr std::size_t most_lines = 500;
  static constexpr std::size_t most_bytes = 512 * 1024;

  struct Facts {
    Jid of;          // bare: all sessions of the account
    std::string by;  // who asked
    WallTime began;
    SteadyTime until;
    Redaction redaction = Redaction::usual;
  };
  struct State {
    std::uint64_t seen = 0;      // stanzas
    std::uint64_t left_out = 0;  // of these, because there were too many
    std::string ended;           // why; empty while it goes on
  };

  TraceLog(Facts facts, SteadyTime now) : facts(std::move(facts)), last_read_(now) {}

  const Facts facts;

  void add(TracedStanza stanza);
  void leave_one_out();
  void end(std::string why);
  State state() const;
  // The newest `most` after the one of that number, oldest first. Who reads wants it to go on.
  std::vector<TracedStanza> read(std::uint64_t after, std::size_t most, SteadyTime now);
  SteadyTime last_read() const;

 private:
  mutable std::mutex mutex_;
  std::deque<TracedStanza> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
  State state_;
  SteadyTime last_read_;
};

// The traces of addresses that live on one worker; used there only. Whoever is not traced pays for one flag.
class StanzaTraces {
 public:
  static constexpr std::size_t most_per_second = 100;
  // Nobody has read for so long: whoever asked has gone.
  static constexpr std::chrono::seconds longest_unread{30};

  StanzaTraces(Worker& worker, SessionTable& sessions);
  ~StanzaTraces();
  StanzaTraces(const StanzaTraces&) = delete;
  StanzaTraces& operator=(const StanzaTraces&) = delete;

  void start(std::shared_ptr<TraceLog> log);
  // Nothing happens when it has ended.
  void stop(const TraceLog& log, std::string_view why);

  // A session has begun: whether it is traced.
  void opened(Session& session) {
    if (!traces_.empty()) mark(session);
  }
  // Of a session that is: what its client sent, and what it is sent.
  void came(const Session& session, std::string_view element);
  void went(const Session& session, std::string_view element);

 private:
  struct Trace;

  void mark(Session& session) const;
  void mark_all_of(const Jid& account) const;
  void see(const Session& session, std::string_view element, TracedStanza::Way way);
  void look_after();
  void watch();
  void end(std::size_t which, std::string_view why);

  Worker& worker_;
  SessionTable& sessions_;
  std::vector<std::unique_ptr<Trace>> traces_;
  xml::Parser parser_;  // that of the hall is in use
  Timer timer_;
};

}  // namespace meerkat
