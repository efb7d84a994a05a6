// SPDX-License-Identifier: Apache-2.0
// The modes that are about logins: login, idle, register.
#include "admin/bench/modes.h"

#include <unistd.h>

namespace meerkat::bench {
namespace {

using namespace std::chrono_literals;

std::string_view word_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::complete:
      return "complete";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::out_of_time:
      return "out_of_time";
    case Outcome::hopeless:
      return "given_up";
  }
  return {};
}

std::string_view word_for(TlsUse use) {
  switch (use) {
    case TlsUse::none:
      return "none";
    case TlsUse::starttls:
      return "starttls";
    case TlsUse::direct:
      return "direct";
  }
  return {};
}

void report_logins(Report& report, const Run& run, const std::vector<std::unique_ptr<Crew>>& crews,
                   const Spending& spent, std::string_view unit) {
  Latency latency;
  std::size_t derived = 0;
  for (const auto& crew : crews) {
    latency.add(crew->logins());
    derived += crew->keys_derived();
  }
  const auto count = static_cast<double>(latency.count());
  report.figure("seconds", in_seconds(spent.wall));
  report.figure(std::string{unit} + "s_per_s", count / in_seconds(spent.wall));
  report.latency(unit, latency);
  run.report_spending(report, spent, count, unit);
  if (derived > 0) report.count("client_pbkdf2", derived);
}

bool all_well(const Run& run, Outcome outcome) {
  return outcome == Outcome::complete && run.failed() == 0 && run.lost_connections() == 0;
}

}  // namespace

Report begin_report(const Run& run, std::string_view mode, Outcome outcome) {
  Report report;
  const BenchOptions& options = run.options();
  report.word("mode", mode);
  report.word("outcome", word_for(outcome));
  report.word("server", options.server);
  report.word("tls", word_for(options.tls));
  if (options.mode != BenchMode::make_accounts) report.word("mechanism", name_of(options.mechanism));
  run.report_clients(report);
  return report;
}

void report_memory(Report& report, std::optional<std::uint64_t> before, std::optional<std::uint64_t> after,
                   std::uint64_t sessions) {
  if (!before || !after || sessions == 0) return;
  report.figure("server_rss_mb", static_cast<double>(*after) / 1048576);
  const double grown = static_cast<double>(*after) - static_cast<double>(*before);
  report.figure("server_rss_kb_per_session", grown / 1024 / static_cast<double>(sessions));
}

Result bench_login(Run& run) {
  if (run.options().rehearse) {
    const Outcome rehearsal = run.have_all(ClientTask::log_in, "rehearsal");
    run.send_home();
    if (rehearsal != Outcome::complete) return {begin_report(run, "login", rehearsal), false};
  }
  const auto memory = run.server().resident();
  const Meter meter{run.server()};
  const Outcome outcome = run.have_all(ClientTask::log_in, "login");
  const Spending spent = meter.since();
  const auto memory_then = run.server().resident();
  Report report = begin_report(run, "login", outcome);
  const std::uint64_t sessions = run.succeeded();
  const bool good = all_well(run, outcome);
  run.send_home();
  run.stop();
  report_logins(report, run, run.crews(), spent, "login");
  report_memory(report, memory, memory_then, sessions);
  return {std::move(report), good};
}

Result bench_idle(Run& run) {
  const auto memory = run.server().resident();
  const auto own_memory = ServerProcess{::getpid()}.resident();
  Outcome outcome = run.have_all(ClientTask::log_in, "login");
  const Meter meter{run.server()};
  if (outcome == Outcome::complete) outcome = run.wait(std::chrono::seconds{run.options().seconds}, "idle");
  const Spending spent = meter.since();
  const auto memory_then = run.server().resident();
  const auto own_memory_then = ServerProcess{::getpid()}.resident();
  Report report = begin_report(run, "idle", outcome);
  report.figure("seconds", in_seconds(spent.wall));
  const std::uint64_t sessions = run.succeeded() - run.lost_connections();
  report_memory(report, memory, memory_then, sessions);
  if (spent.server) report.figure("server_cpu_percent", 100 * in_seconds(*spent.server) / in_seconds(spent.wall));
  if (own_memory && own_memory_then && sessions > 0)
    report.figure("client_rss_kb_per_session",
                  (static_cast<double>(*own_memory_then) - static_cast<double>(*own_memory)) / 1024 /
                      static_cast<double>(sessions));
  const bool good = all_well(run, outcome);
  run.send_home();
  return {std::move(report), good};
}

Result bench_register(Run& run) {
  const Meter meter{run.server()};
  const Outcome outcome = run.have_all(ClientTask::make_account, "register");
  const Spending spent = meter.since();
  Report report = begin_report(run, "register", outcome);
  const bool good = all_well(run, outcome);
  run.send_home();
  run.stop();
  report_logins(report, run, run.crews(), spent, "registration");
  return {std::move(report), good};
}

}  // namespace meerkat::bench
