// SPDX-License-Identifier: Apache-2.0
// The configuration is read anew while the server runs: everything that can fail is prepared first, then it is applied
// on every worker, or nothing is changed at all.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "server/ask.h"
#include "server/host_change.h"
#include "server/port_change.h"
#include "server/server.h"

namespace meerkat {
namespace {

using config::Change;
using config::ChangeOutcome;

ChangeOutcome refused(ChangeOutcome outcome, std::string reason) {
  outcome.refused = true;
  outcome.reasons.push_back(std::move(reason));
  return outcome;
}

void log_outcome(const ChangeOutcome& outcome) {
  for (const std::string& reason : outcome.reasons)
    log_error("reload_refused", {{"error", reason}, {"now", "everything stays as it was"}});
  if (outcome.refused) return;
  for (const Change& change : outcome.changes)
    log_notice("option_changed", {{"path", change.path}, {"from", change.before}, {"to", change.after}});
  log_notice("reloaded", {{"changes", outcome.changes.size()}});
}

}  // namespace

config::ChangeOutcome Server::reload(Reload how) {
  const std::lock_guard lock{change_mutex_};
  if (stopping_) return refused({}, "the server is stopping");
  ChangeOutcome outcome = change_to_file(how);
  if (how == Reload::apply) log_outcome(outcome);
  return outcome;
}

Task<config::ChangeOutcome> Server::reload_for_worker(Reload how) {
  config::ChangeOutcome outcome = co_await caretaker_->run([this, how] { return reload(how); });
  co_return outcome;
}

config::ChangeOutcome Server::change_to_file(Reload how) {
  ChangeOutcome outcome;
  config::Problems problems;
  auto next = read_configuration(configuration_.file, problems);
  for (const config::Problem& problem : problems.all())
    (problem.warning ? outcome.warnings : outcome.reasons).push_back(config::line_of(problem));
  outcome.refused = !next.has_value();
  if (outcome.refused) return outcome;

  outcome.changes = config::compare(configuration_.tree, next->tree, configuration_description());
  std::vector<std::string> too_much;
  for (const Change& change : outcome.changes)
    if (change.needs_restart) too_much.push_back(change.path);
  if (!too_much.empty())
    return refused(std::move(outcome), fmt::format("these need a restart: {}", fmt::join(too_much, ", ")));

  auto ports = PortChange::prepare(ports_, surroundings_of(next->settings));
  if (!ports) return refused(std::move(outcome), ports.error());
  if (how == Reload::dry_run) return outcome;
  try {
    prepare_tables(*next, *pools_);
  } catch (const std::exception& failure) {
    return refused(std::move(outcome), failure.what());
  }
  const auto hosts = HostChange::make(&configuration_, *next, *store_);
  list_own_pools();
  if (!hosts) return refused(std::move(outcome), hosts.error());
  const LogOutput log = log_output(next->settings.log);
  if (log != log_output(settings_.log))
    if (const auto set = set_log_output(log); !set) return refused(std::move(outcome), set.error());
  apply(std::move(*next), *hosts, std::move(*ports));
  for (const Change& change : outcome.changes) changed_[change.path] = clock_.wall();
  return outcome;
}

// Nothing here fails.
void Server::apply(Configuration next, const HostChange& hosts, PortChange ports) {
  const Settings& settings = next.settings;
  if (log_levels(settings.log, settings.general.loglevel) != log_levels(settings_.log, settings_.general.loglevel))
    set_log_levels(log_levels(settings.log, settings.general.loglevel));
  limits_.change(settings.limits, most_descriptors_, settings.general.registration_timeout);
  for (const HostConfiguration& host : next.hosts) store_->change(host.settings.name, host.settings.auth);

  const auto shapers = std::make_shared<const ShaperTable>(settings.shaper);
  on_all_workers([&](std::size_t worker) {
    halls_[worker]->shapers.table = shapers;
    hosts.prepare(*halls_[worker]);
  });
  metrics_.host_types_are(hosts.domains());
  on_all_workers([&](std::size_t worker) { hosts.serve(*halls_[worker]); });
  on_all_workers([&](std::size_t worker) { hosts.clear_away(*halls_[worker]); });
  apply(std::move(ports));
  instrumentation_.change(settings.instrumentation);
  configuration_ = std::move(next);
}

void Server::apply(PortChange change) {
  for (PortChange::Kept& kept : change.kept) {
    Port& port = ports_[kept.which];
    port.settings = std::move(kept.settings);
    port.files = std::move(kept.files);
    put_in_place(port, std::move(kept.options));
  }
  for (const std::size_t which : change.gone) {
    const auto& options = *ports_[which].options;
    on_all_workers([&](std::size_t worker) { services_[worker]->close(options); });
    log_notice("listening_no_more", {{"address", ports_[which].address}});
  }
  for (Port& port : change.fresh) hand_over(port);
  std::vector<Port> next;
  for (std::size_t i = 0; i < ports_.size(); ++i)
    if (std::ranges::find(change.gone, i) == change.gone.end()) next.push_back(std::move(ports_[i]));
  for (Port& port : change.fresh) next.push_back(std::move(port));
  ports_.swap(next);
  show_ports();
}

// New connections go by the new options; `port` keeps the old ones alive until no worker looks at them.
void Server::put_in_place(Port& port, std::shared_ptr<const C2sOptions> options) {
  const std::shared_ptr<const C2sOptions> old = std::exchange(port.options, std::move(options));
  port.address = address_line(*port.options);
  port.options->load->most = port.options->most_connections;
  on_all_workers([&](std::size_t worker) { services_[worker]->change(*old, port.options); });
}

void Server::look_after_certificates() {
  const std::lock_guard lock{change_mutex_};
  if (stopping_) return;
  for (Port& port : ports_)
    if (port.files.changed()) take_certificates(port);
  log_expiry(expiry_.due(certificates()));
}

void Server::take_certificates(Port& port) {
  auto options = changed_options(port, port.settings, surroundings_of(settings_));
  if (!options)
    return log_error("certificate_refused",
                     {{"listener", port.address}, {"error", options.error()}, {"now", "the old one is shown"}});
  put_in_place(port, std::make_shared<const C2sOptions>(std::move(*options)));
  show_ports();
  for (const CertificateFacts& certificate : port.options->tls_contexts.front()->certificates())
    log_notice("certificate_taken", {{"listener", port.address},
                                     {"file", certificate.file.string()},
                                     {"days_left", certificate.days_left(clock_.wall()).count()}});
}

// For those who ask from workers, who must not wait for a change that may be waiting for them.
void Server::show_ports() {
  std::vector<std::string> addresses;
  std::vector<CertificateFacts> certificates;
  std::vector<TlsListener> tls_listeners;
  std::vector<std::shared_ptr<const ListenerLoad>> loads;
  for (const Port& port : ports_) {
    addresses.push_back(port.address);
    loads.push_back(port.options->load);
    if (port.options->tls_contexts.empty()) continue;
    tls_listeners.push_back({listener_id(*port.options), port.options->tls_contexts.front()->certificates()});
    for (const CertificateFacts& certificate : port.options->tls_contexts.front()->certificates())
      if (std::ranges::find(certificates, certificate.file, &CertificateFacts::file) == certificates.end())
        certificates.push_back(certificate);
  }
  const std::lock_guard lock{shown_mutex_};
  addresses_ = std::move(addresses);
  certificates_ = std::move(certificates);
  tls_listeners_ = std::move(tls_listeners);
  loads_ = std::move(loads);
}

std::size_t Server::client_connections() const {
  const std::lock_guard lock{shown_mutex_};
  std::size_t open = 0;
  for (const auto& load : loads_) open += load->open.load(std::memory_order_relaxed);
  return open;
}

std::vector<TlsListener> Server::tls_listeners() const {
  const std::lock_guard lock{shown_mutex_};
  return tls_listeners_;
}

std::vector<std::string> Server::addresses() const {
  const std::lock_guard lock{shown_mutex_};
  return addresses_;
}

std::vector<CertificateFacts> Server::certificates() const {
  const std::lock_guard lock{shown_mutex_};
  return certificates_;
}

template <class Function>
void Server::on_all_workers(Function function) {
  for (std::size_t i = 0; i < workers_.size(); ++i) ask(workers_[i], [&] { return function(i), true; });
}

}  // namespace meerkat
