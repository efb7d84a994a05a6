// SPDX-License-Identifier: Apache-2.0
#include "server/system_metrics.h"

#include <algorithm>
#include <set>
#include <utility>

namespace meerkat {
namespace {

using metrics::Event;
using enum metrics::Kind;

constexpr Event up_time{.name = "system_up_time",
                        .sentence = "How long the server has been running.",
                        .labels = {},
                        .measurements = {{"seconds", gauge}}};
constexpr Event tcp_ports{.name = "system_tcp_ports",
                          .sentence = "TCP sockets: connections, and where is listened.",
                          .labels = {},
                          .measurements = {{"count", gauge}}};
constexpr Event queue_lengths{.name = "system_process_queue_lengths",
                              .sentence = "Mail between workers that nobody has dealt with.",
                              .labels = {},
                              .measurements = {{"total", gauge}}};
// What MongooseIM says of its virtual machine, where the operating system has its like: descriptors for ports, threads
// for processes.
constexpr Event info{
    .name = "system_info",
    .sentence = "Descriptors and threads, and how many there may be.",
    .labels = {},
    .measurements = {{"port_count", gauge}, {"port_limit", gauge}, {"process_count", gauge}, {"process_limit", gauge}}};
constexpr Event memory{
    .name = "system_memory",
    .sentence = "Memory in bytes: all, what was allocated, what belongs to files, the program's code.",
    .labels = {},
    .measurements = {{"total", gauge}, {"processes", gauge}, {"system", gauge}, {"code", gauge}}};
constexpr Event node_sessions{.name = "sm_node_sessions",
                              .sentence = "Connections of clients.",
                              .labels = {},
                              .measurements = {{"count", gauge}}};
constexpr Event certificate{.name = "tls_cert_remaining_days",
                            .sentence = "How long the certificate of a listener is good for.",
                            .labels = {"listener_id"},
                            .measurements = {{"count", gauge}}};

constexpr std::int64_t invalid = -32768, not_yet_valid = -32767;

void set(const metrics::Series& series, std::string_view measurement, std::uint64_t value) {
  series.gauge(measurement).set(static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)));
}

}  // namespace

std::int64_t remaining_days(const std::vector<CertificateFacts>& certificates, WallTime now) {
  if (certificates.empty()) return invalid;
  if (std::ranges::any_of(certificates, [now](const CertificateFacts& each) { return each.not_before > now; }))
    return not_yet_valid;
  const auto days = [now](const CertificateFacts& each) { return each.days_left(now).count(); };
  return std::ranges::min(certificates, {}, days).days_left(now).count();
}

SystemMetrics::SystemMetrics(metrics::Registry& registry, const Clock& clock, SystemSources sources)
    : registry_(registry),
      clock_(clock),
      began_(clock.steady()),
      sources_(std::move(sources)),
      up_time_(registry, up_time, {}),
      tcp_ports_(registry, tcp_ports, {}),
      queues_(registry, queue_lengths, {}),
      info_(registry, info, {}),
      memory_(registry, memory, {}),
      node_sessions_(registry, node_sessions, {}),
      probe_(registry, [this] { look(); }) {}

metrics::ProcessFacts SystemMetrics::process() const {
  const std::lock_guard lock{mutex_};
  return process_;
}

void SystemMetrics::look() {
  const metrics::ProcessFacts facts = metrics::process_facts();
  {
    const std::lock_guard lock{mutex_};
    process_ = facts;
  }
  set_facts(facts);
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(clock_.steady() - began_);
  set(up_time_, "seconds", static_cast<std::uint64_t>(up.count()));
  set(queues_, "total", sources_.mail_waiting());
  set(node_sessions_, "count", sources_.node_connections());
  look_at_certificates();
}

void SystemMetrics::set_facts(const metrics::ProcessFacts& facts) {
  set(tcp_ports_, "count", facts.tcp_sockets);
  set(info_, "port_count", facts.open_descriptors);
  set(info_, "port_limit", facts.most_descriptors);
  set(info_, "process_count", facts.threads);
  set(info_, "process_limit", facts.most_threads);
  set(memory_, "total", facts.resident_bytes);
  set(memory_, "processes", facts.anonymous_bytes);
  set(memory_, "system", facts.resident_bytes - std::min(facts.anonymous_bytes, facts.resident_bytes));
  set(memory_, "code", facts.code_bytes);
}

void SystemMetrics::look_at_certificates() {
  std::set<std::string_view> there;
  const std::vector<TlsListener> listeners = sources_.tls_listeners();
  for (const TlsListener& listener : listeners) {
    there.insert(listener.id);
    auto known = certificates_.find(listener.id);
    if (known == certificates_.end())
      known = certificates_.emplace(listener.id, metrics::Series{registry_, certificate, {listener.id}}).first;
    known->second.gauge("count").set(remaining_days(listener.certificates, clock_.wall()));
  }
  std::erase_if(certificates_, [&](const auto& entry) { return !there.contains(entry.first); });
}

}  // namespace meerkat
