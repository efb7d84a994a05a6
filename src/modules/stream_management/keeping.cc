// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/keeping.h"

#include <exception>
#include <utility>
#include <vector>

#include "base/log.h"
#include "core/detached_session.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/stream_management.h"
#include "modules/stream_management/record_note.h"
#include "modules/stream_management/session_record.h"

namespace meerkat {
namespace {

// One transaction writes so much and the rest of the account.
constexpr std::size_t many_sessions = 200;
constexpr std::size_t many_bytes = 2 * 1024 * 1024;
// How often a session is written anew because something came for it meanwhile.
constexpr int most_rounds = 20;

bool may_be_kept(const HostType& host, const Session& session) {
  return &session.host == &host && session.management && session.management->resumable() && !session.connected();
}

std::string presence_of(const Session& session) {
  std::string text;
  if (session.available())
    append_stanza_alone(text, {.kind = StanzaKind::presence,
                               .type = StanzaType::available,
                               .from = session.jid,
                               .to = {},
                               .body = session.presence});
  return text;
}

KeptStanza kept_stanza(const SentEntry& sent) {
  KeptStanza stanza{.entry = sent.entry->id,
                    .form = sent.form,
                    .must_arrive = sent.entry->must_arrive,
                    .taken = sent.entry->taken,
                    .given_back = sent.entry->given_back,
                    .by_server = sent.entry->stanza.by_server,
                    .packet = {}};
  append_stanza_alone(stanza.packet, sent.entry->stanza);
  return stanza;
}

KeptSession kept_session(Session& session) {
  const StreamManagement& management = *session.management;
  SessionRecord record{.handled = management.handled(),
                       .sent = management.sent_count(),
                       .acknowledged = management.acknowledged_count(),
                       .remaining = management.detached->remaining(),
                       .resume_within = management.resume_within(),
                       .opened_at = session.opened_at,
                       .presence_at = session.presence_at,
                       .presence = presence_of(session),
                       .priority = session.priority,
                       .wants_roster = session.wants_roster,
                       .directed = {},
                       .facts = {}};
  if (session.directed) record.directed = session.directed->to;
  SessionIsKept event{session.host, session, record.facts};
  [[maybe_unused]] const Answer<Verdict> answer = session.host.run(event);
  KeptSession kept{management.id(),
                   std::string{session.jid.resource()},
                   seconds_of(session.host.hall.worker.clock().wall()),
                   text_of(record),
                   {}};
  for (const SentEntry& sent : management.unacknowledged()) kept.queue.push_back(kept_stanza(sent));
  return kept;
}

// It ends here, and nobody is told: the record owns its messages now, also those that somebody else kept.
void leave(Session& session) {
  session.notes.drop<HasRecord>();
  session.notes.get<LivesOn>();
  for (const SentEntry& sent : session.management->give_back())
    if (sent.form != Form::sent_copy) sent.entry->taken = true;
  session.presence = {};
  session.directed = nullptr;
  session.stream->end_with(StreamError::reset("kept"));
}

// What one transaction writes, and how those sessions were then.
struct Batch {
  struct Written {
    Jid session;
    std::uint32_t sent;
    EntryId last;  // in its queue; a presence may have taken the place of an older one
    bool is_still(const StreamManagement& management) const {
      return management.sent_count() == sent && last_of(management) == last;
    }
    static EntryId last_of(const StreamManagement& management) {
      const auto queue = management.unacknowledged();
      return queue.empty() ? 0 : queue.back().entry->id;
    }
  };
  std::vector<KeptSessions::OfAccount> accounts;
  std::vector<Written> written;
  std::size_t bytes = 0;

  bool is_full() const { return written.size() >= many_sessions || bytes >= many_bytes; }
};

class Keeping {
 public:
  Keeping(HostType& host, KeptSessions& store) : host_(host), store_(store) {}

  Task<> run() {
    try {
      // No removal that was asked for before may come behind what is written now.
      co_await store_.settle();
      for (int round = 0; round < most_rounds; ++round) {
        const std::vector<Jid> users = users_with_sessions();
        if (users.empty()) break;
        co_await write_all(users);
      }
    } catch (const std::exception& failure) {
      log_error(
          "sessions_not_kept",
          {{"host", host_.name}, {"error", failure.what()}, {"now", "they end, and their messages go elsewhere"}});
    }
    if (count_ > 0) log_notice("sessions_kept", {{"host", host_.name}, {"sessions", count_}});
  }

 private:
  std::vector<Jid> users_with_sessions() const {
    std::vector<Jid> users;
    host_.hall.sessions.for_each([&](const Session& session) {
      const bool is_new = users.empty() || !users.back().same_bare(session.jid);
      if (may_be_kept(host_, session) && is_new) users.push_back(session.account->bare);
    });
    return users;
  }

  Task<> write_all(const std::vector<Jid>& users) {
    Batch batch;
    for (const Jid& user : users) {
      add_to(batch, user);
      if (!batch.is_full()) continue;
      co_await write(std::exchange(batch, {}));
    }
    co_await write(std::move(batch));
  }

  // All sessions of an account at once: they may hold the same entries.
  void add_to(Batch& batch, const Jid& user) const {
    const Account* const account = host_.hall.sessions.find(user);
    KeptSessions::OfAccount kept{user, {}};
    for (Session* session = account ? account->first : nullptr; session; session = session->next_of_account) {
      if (!may_be_kept(host_, *session)) continue;
      let_out_what_waits(*session);
      kept.sessions.push_back(kept_session(*session));
      session->notes.get<HasRecord>().id = session->management->id();
      const StreamManagement& management = *session->management;
      batch.written.push_back({session->jid, management.sent_count(), Batch::Written::last_of(management)});
      batch.bytes += kept.sessions.back().record.size();
      for (const KeptStanza& stanza : kept.sessions.back().queue) batch.bytes += stanza.packet.size();
    }
    if (!kept.sessions.empty()) batch.accounts.push_back(std::move(kept));
  }

  // As if it had been sent while the client was away: what was sent before the client began to acknowledge, and what
  // waited for it to be active, which it is when it resumes (XEP-0352 §5.2).
  void let_out_what_waits(Session& session) const {
    if (!session.management->keeps()) return;
    const std::unique_ptr<Valve> valve = std::move(session.valve);
    if (!valve) return;
    for (const Outgoing& held : valve->give_back()) host_.hall.router.let_out(session, held);
  }

  Task<> write(Batch batch) {
    if (batch.accounts.empty()) co_return;
    const std::vector<Batch::Written> written = std::move(batch.written);
    co_await store_.save(std::move(batch.accounts));
    for (const Batch::Written& one : written) {
      Session* const session = host_.hall.sessions.find_session(one.session);
      // What came for it meanwhile is written in the next round.
      if (session == nullptr || !may_be_kept(host_, *session) || !one.is_still(*session->management)) continue;
      leave(*session);
      ++count_;
    }
  }

  HostType& host_;
  KeptSessions& store_;
  std::uint64_t count_ = 0;
};

}  // namespace

void forget_record(Session& session, const std::shared_ptr<KeptSessions>& store) {
  HasRecord* const note = session.notes.find<HasRecord>();
  if (note == nullptr) return;
  std::string id = std::move(note->id);
  session.notes.drop<HasRecord>();
  session.host.hall.scope.spawn(store->forget_soon(std::move(id)));
}

Task<> keep_sessions(HostType& host, KeptSessions& store) {
  Keeping keeping{host, store};
  co_await keeping.run();
}

}  // namespace meerkat
