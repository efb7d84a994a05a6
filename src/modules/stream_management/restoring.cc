// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/restoring.h"

#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "core/detached_session.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/session_hold.h"
#include "core/stream_management.h"
#include "modules/stream_management/record_note.h"
#include "modules/stream_management/session_record.h"
#include "runtime/workers.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t accounts_at_once = 500;
constexpr int most_tries = 5;
constexpr auto until_next_try = 1s;
// Nobody waits longer for a server that does not run.
constexpr std::uint32_t longest_stop = 24 * 60 * 60;

using Entries = std::unordered_map<EntryId, EntryRef>;

class Restoring {
 public:
  Restoring(HostType& host, KeptSessions& store) : host_(host), hall_(host.hall), store_(store) {}

  Task<> run() {
    for (int left = most_tries; left > 0; --left) {
      try {
        co_await restore_all();
        break;
      } catch (const sql::Unavailable& failure) {
        const std::string_view now = left > 1 ? "this is tried again" : "they stay in the store until the next start";
        log_error("sessions_not_restored", {{"host", host_.name}, {"error", failure.what()}, {"now", now}});
      }
      if (left > 1) co_await sleep_for(until_next_try);
    }
    if (count_ > 0) log_notice("sessions_restored", {{"host", host_.name}, {"sessions", count_}});
  }

 private:
  // Goes on behind the account that was the last.
  Task<> restore_all() {
    for (;;) {
      const std::vector<std::string> names = co_await store_.accounts_behind(host_.name, last_, accounts_at_once);
      for (const std::string& name : names) {
        const auto user = Jid::make(name, host_.name);
        // The other workers look after theirs.
        if (user && &hall_.at_home_of(*user) == &hall_) co_await restore(*user);
        last_ = name;
      }
      if (names.size() < accounts_at_once) break;
    }
  }

  Task<> restore(Jid user) {
    const std::vector<KeptSession> kept = co_await store_.of(user);
    std::vector<std::pair<Jid, SessionFacts>> restored;
    {
      Entries entries;
      for (const KeptSession& session : kept) restore(user, session, entries, restored);
    }
    for (const auto& [full, facts] : restored) {
      Session* const session = hall_.sessions.find_session(full);
      if (session == nullptr) continue;
      const SessionHold hold{*session};
      SessionIsRestored event{host_, *session, facts};
      [[maybe_unused]] const Verdict verdict = co_await host_.run(event);
    }
    for (EntryRef& given : given_away_)
      if (const EntryRef entry = std::move(given); entry.last()) hall_.router.go_on(host_, entry);
    given_away_.clear();
  }

  void restore(const Jid& user, const KeptSession& kept, Entries& entries,
               std::vector<std::pair<Jid, SessionFacts>>& restored) {
    auto full = user.with_resource(kept.resource);
    if (!full || !full->is_full() || hall_.sessions.find_session(*full) != nullptr) {
      log_error("kept_session_unreadable", {{"user", user.text()}, {"now", "its messages go elsewhere"}});
      return give_away(kept, entries);
    }
    auto record = read_session_record(kept.record);
    const bool is_too_old = kept.saved_at + longest_stop < seconds_of(hall_.worker.clock().wall());
    const bool is_readable = all_readable(kept, entries) && record;
    if (!is_readable)
      log_error("kept_session_unreadable",
                {{"session", full->text()}, {"now", "it ends; what can be read of its messages goes elsewhere"}});
    const bool lives = is_readable && !is_too_old;
    if (!record) record = SessionRecord{.presence = "<presence xmlns='jabber:client'/>"};
    Session& session = DetachedSession::restore(
        *full, host_, {lives ? kept.id : std::string{}, record->resume_within, lives ? record->remaining : 0s});
    fill(session, *record);
    session.management->restore({record->handled, record->sent, record->acknowledged});
    for (const KeptStanza& stanza : kept.queue)
      if (const auto entry = entries.find(stanza.entry); entry != entries.end())
        session.management->remember(entry->second, stanza.form);
    session.notes.get<HasRecord>().id = kept.id;
    restored.emplace_back(std::move(*full), std::move(record->facts));
    if (lives) ++count_;
  }

  // To the other sessions of the account, or to whoever keeps it.
  void give_away(const KeptSession& kept, Entries& entries) {
    all_readable(kept, entries);
    for (const KeptStanza& stanza : kept.queue) {
      const auto found = entries.find(stanza.entry);
      if (found == entries.end() || found->second->taken || !found->second->must_arrive) continue;
      found->second->given_back = true;
      given_away_.push_back(found->second);
    }
    hall_.scope.spawn(store_.forget_soon(kept.id));
  }

  void fill(Session& session, const SessionRecord& record) const {
    session.priority = record.priority;
    session.wants_roster = record.wants_roster;
    session.opened_at = record.opened_at;
    session.presence_at = record.presence_at;
    if (const auto presence = read_stanza(record.presence, hall_.parser)) session.presence = presence->body;
    if (record.directed.empty()) return;
    session.directed = std::make_unique<Session::Directed>();
    for (const Jid& to : record.directed) session.directed->bytes += to.text().size();
    session.directed->to = record.directed;
  }

  // Makes the entries that are not there yet, and says whether all could be read.
  bool all_readable(const KeptSession& kept, Entries& entries) const {
    bool all = true;
    for (const KeptStanza& stanza : kept.queue) {
      if (const auto known = entries.find(stanza.entry); known != entries.end()) {
        // A session that was written before may have been done with it; it is taken when all say so.
        known->second->taken = known->second->taken && stanza.taken;
        continue;
      }
      auto read = read_stanza(stanza.packet, hall_.parser);
      all = all && read.has_value();
      if (!read) continue;
      read->by_server = stanza.by_server;
      EntryRef entry = hall_.log.add_again(stanza.entry, std::move(*read), stanza.must_arrive);
      entry->taken = stanza.taken;
      entry->given_back = stanza.given_back;
      entries.emplace(stanza.entry, std::move(entry));
    }
    return all;
  }

  HostType& host_;
  Hall& hall_;
  KeptSessions& store_;
  std::string last_;
  std::vector<EntryRef> given_away_;  // of the account that is being restored
  std::uint64_t count_ = 0;
};

}  // namespace

Task<> restore_sessions(HostType& host, KeptSessions& store) {
  Restoring restoring{host, store};
  co_await restoring.run();
}

}  // namespace meerkat
