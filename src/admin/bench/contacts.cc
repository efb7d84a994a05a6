// SPDX-License-Identifier: Apache-2.0
// The mode contacts: users with a roster, some of it online, log in and out.
#include <atomic>
#include <chrono>

#include "admin/bench/introductions.h"
#include "admin/bench/modes.h"
#include "admin/bench/neighbourhood.h"

namespace meerkat::bench {
namespace {

// Counts who is told of whose presence.
class Audience final : public Hearer {
 public:
  void heard(ClientStream&, const xml::Element& stanza) override {
    if (!stanza.is("presence", ns::client)) return;
    const auto type = stanza.attr("type");
    if (!type) came_.fetch_add(1, std::memory_order_relaxed);
    if (type && *type == "unavailable") went_.fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t came() const { return came_.load(std::memory_order_relaxed); }
  std::uint64_t went() const { return went_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> came_{0};
  std::atomic<std::uint64_t> went_{0};
};

std::vector<Acquaintance> acquaintances_in(const Neighbourhood& place) {
  std::vector<Acquaintance> pairs;
  // Neighbours in this list have no user in common: an account changes its roster one step after the other.
  for (std::uint32_t i = 0; i < place.contacts(); ++i)
    for (std::uint32_t visitor = 0; visitor < place.visitors(); ++visitor)
      pairs.push_back({visitor, place.contact(visitor, i)});
  return pairs;
}

// What all rounds have cost.
struct Sums {
  Spending logins, logouts;
  Latency latency;
  std::uint64_t visits = 0;
  std::uint64_t came = 0, went = 0;
  std::optional<std::uint64_t> memory_before, memory_then;
};

Outcome visit(Run& run, const Neighbourhood& place, Audience& audience, Sums& sums) {
  const Part visitors{0, place.visitors()};
  const bool first = sums.visits == 0;
  if (first) sums.memory_before = run.server().resident();
  const std::uint64_t came = audience.came();
  const std::uint64_t went = audience.went();
  // Both sides of each hear of the other.
  const std::uint64_t wanted = std::uint64_t{place.visitors()} * place.online_contacts();
  const Meter login{run.server()};
  Outcome outcome = run.have_all(ClientTask::log_in, "login", visitors);
  if (outcome != Outcome::complete) return outcome;
  [[maybe_unused]] const bool all_came = run.wait_for([&] { return audience.came() - came; }, 2 * wanted, "presence");
  run.wait_for_silence();
  sums.logins += login.since();
  run.on_all([&sums](Crew& crew) { sums.latency.add(crew.logins()); });
  sums.visits += run.succeeded();
  if (first) {
    outcome = run.wait(std::chrono::seconds{run.options().stay}, "idle");
    sums.memory_then = run.server().resident();
  }
  const Meter logout{run.server()};
  run.send_home(visitors);
  [[maybe_unused]] const bool all_went = run.wait_for([&] { return audience.went() - went; }, wanted, "goodbyes");
  run.wait_for_silence();
  sums.logouts += logout.since();
  sums.came += audience.came() - came;
  sums.went += audience.went() - went;
  return outcome;
}

void report_visits(Report& report, const Run& run, const Neighbourhood& place, const Sums& sums) {
  const auto visits = static_cast<double>(sums.visits);
  const std::uint64_t wanted = sums.visits * place.online_contacts();
  report.count("contacts", place.contacts());
  report.count("contacts_online", place.online_contacts());
  report.count("logins", sums.visits);
  report.latency("login", sums.latency);
  run.report_spending(report, sums.logins, visits, "login");
  if (sums.logouts.server && visits > 0)
    report.figure("server_cpu_us_per_logout", in_us(*sums.logouts.server) / visits);
  report.count("presences_missing", 3 * wanted - std::min(3 * wanted, sums.came + sums.went));
  report.count("presences_too_many", std::max(3 * wanted, sums.came + sums.went) - 3 * wanted);
  report_memory(report, sums.memory_before, sums.memory_then, place.visitors());
}

}  // namespace

Result bench_contacts(Run& run) {
  const Neighbourhood place{run.options()};
  Report introductions;
  if (!run.options().prepared && place.contacts() > 0) {
    const Outcome outcome = run.have_all(ClientTask::log_in, "login");
    if (outcome != Outcome::complete) return {begin_report(run, "contacts", outcome), false};
    const bool all = introduce(run, acquaintances_in(place), introductions);
    run.send_home();
    if (!all) {
      Report report = begin_report(run, "contacts", Outcome::hopeless);
      report.add(introductions);
      return {std::move(report), false};
    }
  }
  Audience audience;
  run.on_all([&audience](Crew& crew) { crew.hear_with(&audience); });
  Outcome outcome = Outcome::complete;
  if (place.residents() > 0)
    outcome = run.have_all(ClientTask::log_in, "residents", {place.visitors(), place.residents()});
  run.wait_for_silence();
  Sums sums;
  for (std::uint32_t i = 0; i < run.options().rounds && outcome == Outcome::complete; ++i)
    outcome = visit(run, place, audience, sums);
  Report report = begin_report(run, "contacts", outcome);
  const bool good = outcome == Outcome::complete && run.failed() == 0 && run.lost_connections() == 0 &&
                    sums.came + sums.went == 3 * sums.visits * place.online_contacts();
  run.send_home();
  run.stop();
  report.add(introductions);
  report_visits(report, run, place, sums);
  return {std::move(report), good};
}

}  // namespace meerkat::bench
