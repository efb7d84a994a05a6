// SPDX-License-Identifier: Apache-2.0
// What commands find when they run: the house as it stands.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/arguments.h"
#include "admin/command.h"
#include "base/clock.h"
#include "base/metrics/exometer.h"
#include "base/metrics/process_facts.h"
#include "base/metrics/registry.h"
#include "config/comparison.h"
#include "core/hall.h"
#include "net/tls_certificate.h"
#include "runtime/blocking_pool.h"
#include "services/system_metrics/system_reports.h"
#include "streams/c2s_service.h"

namespace meerkat::admin {

class PageDesk;
class Sampler;
class TraceDesk;

// One option of the configuration that runs.
struct OptionShown {
  std::string path;                 // listen.c2s[0].port
  std::string value;                // as TOML; secrets are hidden
  std::string from;                 // "meerkat.toml:12", "default", or the command that changed it
  std::optional<WallTime> changed;  // when the running server took it up; nothing: it was so from the start
  std::string host_type;            // of which it is; empty: of all, or of none
};

// Filled by the server; lives as long as the office. Commands run on the worker of `halls[office]`.
struct Premises {
  static constexpr std::size_t office = 0;

  const std::vector<std::unique_ptr<Hall>>& halls;
  const std::vector<std::unique_ptr<C2sService>>& services;
  metrics::Registry& metrics;
  SteadyTime started;
  std::uint64_t most_descriptors = 0;
  // Where clients can connect, one line each. Asked on the office's worker.
  std::function<std::vector<std::string>()> addresses;
  // The configuration file is read anew; a dry run only tells what would change. Asked on the office's worker.
  std::function<Task<config::ChangeOutcome>(bool dry_run)> reload = {};
  std::function<std::vector<CertificateFacts>()> certificates = {};
  const OutgoingPools* pools = &no_outgoing_pools();
  BlockingPool* caretaker = nullptr;  // for what blocks
  BlockingPool* reader = nullptr;     // for reading metrics
  std::function<bool()> prometheus_may_read = [] { return false; };
  // Metrics by the names of Exometer, and the process. Asked on the reader.
  std::function<std::vector<metrics::ExometerMetric>()> exometer = {};
  std::function<metrics::ProcessFacts()> process = {};
  const Sampler* sampler = nullptr;  // of live figures
  TraceDesk* traces = nullptr;
  // Blocks while the configuration is being changed; for the caretaker.
  std::function<std::vector<OptionShown>()> configuration = {};
  PageDesk* page = nullptr;  // the office puts it there; null: there is none
  const SystemReports* system_reports = nullptr;

  Hall& here() const { return *halls[office]; }
  // The home of an account's domain; null when the domain is not served here.
  HostType* home_of(const Jid& user) const { return here().at_home_of(user).host_of(user.domain()); }
};

// "x is not served here; the domains are …"
Refusal domain_not_found(const Premises& premises, std::string_view domain);
Refusal no_such_account(const Jid& user);

// The domains that were asked for with the argument `domain`: one, or all. Nothing when it is not served here.
std::optional<std::vector<std::string>> wanted_domains(const Premises& premises, const Arguments& arguments);

}  // namespace meerkat::admin
