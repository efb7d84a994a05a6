// SPDX-License-Identifier: Apache-2.0
// The hall of one worker: its host types, its sessions, and the router between them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/delivery_log.h"
#include "core/host_type.h"
#include "core/limits/limits.h"
#include "core/presence.h"
#include "core/resumption_counts.h"
#include "core/router.h"
#include "core/services.h"
#include "core/session_table.h"
#include "core/shaper.h"
#include "core/stanza_trace.h"
#include "runtime/scope.h"
#include "runtime/workers.h"
#include "store/sql/database.h"
#include "xml/parser.h"

namespace meerkat {

namespace metrics {
class Registry;
}
struct OutgoingPools;
const OutgoingPools& no_outgoing_pools();

// One per worker, made before the workers start and destroyed after they have stopped. Used on its worker only, except
// for `at_home_of`, which names the hall of another worker so that mail can be sent to it.
class Hall {
 public:
  // `all` is filled by the server: the halls of all workers, by index.
  // `metrics` is one for all, and outlives them.
  Hall(Worker& worker, Workers& workers, const std::vector<std::unique_ptr<Hall>>& all, metrics::Registry& metrics)
      : worker(worker),
        workers(workers),
        metrics(metrics),
        log(worker.clock()),
        router(*this),
        presence(*this),
        all_(all) {}
  Hall(const Hall&) = delete;
  Hall& operator=(const Hall&) = delete;

  Worker& worker;
  Workers& workers;
  metrics::Registry& metrics;
  const SteadyTime made = worker.clock().steady();  // when the server began
  DeliveryLog log;                                  // outlives the sessions that refer to it
  SessionTable sessions;
  std::size_t detached = 0;  // of these, those whose clients are away
  StanzaTraces traces{worker, sessions};
  Router router;
  PresenceBroadcast presence;
  xml::Parser parser;  // its results last until its next use
  Shapers shapers;     // of those who are read no faster than they may send
  Services services;   // domains of modules, beside those of the host types
  ResumptionCounts resumptions;
  Scope scope{"hall"};               // answers that are being waited for
  Limits* limits = &Limits::none();  // of the process; set before the workers start
  // Where modules keep what they keep; the tables they declared are there. Set before modules start; they do not ask it
  // for anything in their destructors.
  sql::Database* database = nullptr;
  // Services outside. Set before modules start.
  const OutgoingPools* pools = &no_outgoing_pools();

  // Makes a host type that is served at once. Before the workers run, or in tests.
  HostType& add_host(std::string name, Accounts& accounts);
  // Makes one that nobody finds until `serve` names it, or gives the one of that name that was made before. In the same
  // order on all workers. A host type is never freed: what was under way to it still arrives.
  HostType& prepare_host(std::string_view name, Accounts& accounts);
  // From now on exactly these are found; each was prepared on all workers.
  void serve(const std::vector<std::string>& domains);

  // The host type that serves a domain (prepared); null when it is not ours. Static domains are their own host types.
  // Any worker may ask any hall.
  HostType* host_of(std::string_view domain) const {
    for (HostType* const host : hosts())
      if (host->name == domain) return host;
    return nullptr;
  }
  // Whether what is sent to a domain (prepared) stays here: a host type's or a module's. On this worker only.
  bool is_ours(std::string_view domain) const { return host_of(domain) != nullptr || services.find(domain) != nullptr; }
  // Those that are served.
  const std::vector<HostType*>& hosts() const { return *served_.load(std::memory_order_acquire); }
  // The copy, on this worker, of a host type of another worker; on this worker only.
  HostType& twin_of(std::size_t number) const { return *hosts_[number]; }
  // Whether or not it is served; null when there never was one. On this worker only.
  HostType* ever_host_of(std::string_view domain) const;

  // Runs the chain of an event that nobody's answer changes; a handler that waits goes on in the hall's scope.
  template <class Event>
  void fire(Event event) {
    if (event.host.hooks.template chain<Event>().empty()) return;
    scope.spawn(tell<Event>(std::move(event)));
  }

  Hall& at_home_of(const Jid& address) const { return *all_[workers.home_of(address.bare_hash()).index()]; }
  Hall& at_home_of(AccountKey key) const { return *all_[workers.home_of(hash_of(key)).index()]; }

 private:
  template <class Event>
  static Task<> tell(Event event) {
    [[maybe_unused]] const Verdict verdict = co_await event.host.run(event);
  }

  using Hosts = std::vector<HostType*>;
  std::vector<std::unique_ptr<HostType>> hosts_;  // all that were ever made
  // Other workers may be reading an old list, so they stay: one for each change of the hosts.
  std::vector<std::unique_ptr<const Hosts>> lists_;
  const Hosts none_;
  std::atomic<const Hosts*> served_{&none_};
  const std::vector<std::unique_ptr<Hall>>& all_;
};

}  // namespace meerkat
