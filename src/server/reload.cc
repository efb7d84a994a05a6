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

  auto ports = prepare_ports(next->settings);
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
void Server::apply(Configuration next, const HostChange& hosts, PortsChange ports) {
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
  c2s_ports_.apply(std::move(ports.c2s));
  http_ports_.apply(std::move(ports.http));
  show_ports();
  instrumentation_.change(settings.instrumentation);
  configuration_ = std::move(next);
  tell_system_reports();
}

PortSurroundings Server::surroundings_of(const Settings& settings) {
  PortSurroundings around{settings, clock_, workers_.size(), store_->fake_salt_secret(), &inherited_};
  c2s_ports_.add_numbers(around.own_ports);
  http_ports_.add_numbers(around.own_ports);
  return around;
}

auto Server::prepare_ports(const Settings& settings) -> std::expected<PortsChange, std::string> {
  auto c2s = c2s_ports_.prepare(surroundings_of(settings));
  if (!c2s) return std::unexpected(c2s.error());
  auto http = http_ports_.prepare(surroundings_of(settings));
  if (!http) return std::unexpected(http.error());
  return PortsChange{std::move(*c2s), std::move(*http)};
}

void Server::look_after_certificates() {
  const std::lock_guard lock{change_mutex_};
  if (stopping_) return;
  const PortSurroundings around = surroundings_of(settings_);
  const bool of_c2s = c2s_ports_.take_certificates(around, clock_.wall());
  const bool of_http = http_ports_.take_certificates(around, clock_.wall());
  if (of_c2s || of_http) show_ports();
  log_expiry(expiry_.due(certificates()));
}

// For those who ask from workers, who must not wait for a change that may be waiting for them.
void Server::show_ports() {
  ShownPorts shown;
  c2s_ports_.show(shown);
  http_ports_.show(shown);
  const std::lock_guard lock{shown_mutex_};
  shown_ = std::move(shown);
}

std::size_t Server::client_connections() const {
  const std::lock_guard lock{shown_mutex_};
  std::size_t open = 0;
  for (const auto& load : shown_.loads) open += load->open.load(std::memory_order_relaxed);
  return open;
}

std::vector<TlsListener> Server::tls_listeners() const {
  const std::lock_guard lock{shown_mutex_};
  return shown_.tls_listeners;
}

std::vector<std::string> Server::addresses() const {
  const std::lock_guard lock{shown_mutex_};
  return shown_.addresses;
}

std::vector<CertificateFacts> Server::certificates() const {
  const std::lock_guard lock{shown_mutex_};
  return shown_.certificates;
}

template <class Function>
void Server::on_all_workers(Function function) {
  for (std::size_t i = 0; i < workers_.size(); ++i) ask(workers_[i], [&] { return function(i), true; });
}

}  // namespace meerkat
