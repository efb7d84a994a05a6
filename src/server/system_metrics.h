// SPDX-License-Identifier: Apache-2.0
// The process and its surroundings as monitors see them: time, memory, sockets, mail between workers, certificates.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics/process_facts.h"
#include "base/metrics/registry.h"
#include "net/tls_certificate.h"

namespace meerkat {

// A listener with TLS, and what it shows.
struct TlsListener {
  std::string id;  // "127.0.0.1@tcp/5222", as MongooseIM names it
  std::vector<CertificateFacts> certificates;
};

// What is looked at; any thread.
struct SystemSources {
  std::function<std::size_t()> mail_waiting;      // between workers
  std::function<std::size_t()> node_connections;  // of clients
  std::function<std::vector<TlsListener>()> tls_listeners;
};

// Any thread. `clock` and `registry` outlive it, and what `sources` look at.
class SystemMetrics {
 public:
  SystemMetrics(metrics::Registry& registry, const Clock& clock, SystemSources sources);

  // As of the last look of a probe.
  metrics::ProcessFacts process() const;

 private:
  void look();
  void look_at_certificates();
  void set_facts(const metrics::ProcessFacts& facts);

  metrics::Registry& registry_;
  const Clock& clock_;
  const SteadyTime began_;
  const SystemSources sources_;
  const metrics::Series up_time_, tcp_ports_, queues_, info_, memory_, node_sessions_;
  std::map<std::string, metrics::Series> certificates_;  // by listener; one probe at a time looks
  mutable std::mutex mutex_;
  metrics::ProcessFacts process_;
  const metrics::Probe probe_;
};

// The days that are left of the first of these to expire; negative when it has expired. -32768 and -32767 as MongooseIM
// says "invalid" and "not yet valid".
std::int64_t remaining_days(const std::vector<CertificateFacts>& certificates, WallTime now);

}  // namespace meerkat
