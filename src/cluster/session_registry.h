// SPDX-License-Identifier: Apache-2.0
// Which sessions this server has, told to others in Redis: sm_backend = "redis". Nothing waits for it; what has changed
// is written soon after, and all of it again when Redis has lost it.
//
//   s2:USER:SERVER   hash    resource -> {"node":…,"run":…,"priority":…,"available":…,"since":…}; ends by itself
//                            unless it is written again in time
//   n:NODE:RUN       set     what this run has written, "s2:USER:SERVER/RESOURCE"
//   lease:RUN        string  NODE; ends by itself when the run is dead
//   nodes            hash    RUN -> NODE, of all that may have left something
//
// A run is one worker from its start until its lease was lost. What a dead run has left is removed by whoever lives.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/trouble.h"
#include "core/events/host_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "runtime/timer.h"
#include "store/redis/client.h"

namespace meerkat {

struct RegistryTimes {
  std::chrono::milliseconds delay{20};   // what happens within this time is written together
  std::chrono::milliseconds beat{5000};  // how often the lease is renewed, and an outage is looked after
  std::chrono::seconds lease{60};        // of a run
  std::chrono::seconds entries{600};     // of what is written
  std::chrono::seconds rewriting{200};   // how often that is written again
};

struct RegistryNode {
  std::string name;     // of this server; no two that live have the same
  std::string process;  // a token that was never used before: what others of our name have left is removed at once
};

// One per hall, on its worker, except for the constructor and destructor: those while the worker does not run.
class SessionRegistry {
 public:
  SessionRegistry(Hall& hall, redis::Client& client, RegistryNode node, RegistryTimes times = {});
  SessionRegistry(const SessionRegistry&) = delete;
  SessionRegistry& operator=(const SessionRegistry&) = delete;

  void start();

 private:
  void watch_new_hosts();
  Verdict opened(SessionOpens& event);
  Verdict ended(SessionEnds& event);
  Verdict sends_presence(UserSendsPresence& event);
  Verdict available(UserBecomesAvailable& event);
  Verdict unavailable(UserBecomesUnavailable& event);
  Task<Verdict> host_closes(HostCloses& event);

  void changed(const Session& session);
  void beats();
  void work_soon(std::chrono::milliseconds after);
  Task<> work();
  auto work_under_way();
  Task<> write_some();
  Task<> renew_lease();
  Task<> remove_dead_runs();
  Task<> remove_run(std::string node, std::string run);
  void begin_run();
  void begin_rewriting();
  void visit_some();
  redis::Commands changes_of(const std::vector<Jid>& sessions) const;
  std::string entry_of(const Session& session) const;
  std::string written_by(std::string_view node, std::string_view run) const;

  Hall& hall_;
  redis::Client& client_;
  const std::string node_;
  const std::string process_;
  const RegistryTimes times_;
  const redis::Script removal_;
  std::string run_;
  std::set<Jid> changed_;  // full addresses to be written, whatever has become of them
  std::vector<const HostType*> watched_;
  std::uint64_t position_ = 0;  // in the table of sessions, of the rewriting
  bool is_rewriting_ = false;
  bool is_working_ = false;
  bool has_closed_ = false;
  std::coroutine_handle<> closing_;  // waits until nothing is under way any more
  SteadyTime last_beat_{};
  SteadyTime last_rewriting_{};
  Timer beat_;
  Timer soon_;
  Trouble trouble_;
};

}  // namespace meerkat
