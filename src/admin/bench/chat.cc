// SPDX-License-Identifier: Apache-2.0
// The mode chat: logins, warm-up, the measured window, and waiting for the last messages.
#include <chrono>

#include "admin/bench/modes.h"
#include "admin/bench/talk.h"
#include "base/random.h"

namespace meerkat::bench {
namespace {

using namespace std::chrono_literals;

// After the last message that arrives, so long is waited for another one.
constexpr auto patience = 3s;

using Talks = std::vector<std::unique_ptr<Talk>>;

std::uint64_t sum(const Talks& talks, std::uint64_t (Talk::*count)() const) {
  std::uint64_t all = 0;
  for (const auto& talk : talks) all += (*talk.*count)();
  return all;
}

std::int64_t now(const Run& run) { return std::chrono::nanoseconds{run.clock().steady().time_since_epoch()}.count(); }

Talks begin_talks(Run& run, const TalkTimes& times) {
  Talks talks;
  const double rate = run.options().rate / static_cast<double>(run.crews().size());
  for (const auto& crew : run.crews()) talks.push_back(std::make_unique<Talk>(*crew, run.options(), times, rate));
  run.on_all([&talks, &run](Crew& crew) {
    for (std::size_t i = 0; i < talks.size(); ++i)
      if (run.crews()[i].get() == &crew && crew.size() > 0) talks[i]->begin();
  });
  return talks;
}

void end_talks(Run& run, Talks& talks) {
  run.on_all([&talks, &run](Crew& crew) {
    for (std::size_t i = 0; i < talks.size(); ++i)
      if (run.crews()[i].get() == &crew) talks[i]->end();
  });
}

void wait_for_the_last(Run& run, const Talks& talks) {
  std::uint64_t before = 0;
  auto since = std::chrono::steady_clock::now();
  for (;;) {
    const std::uint64_t arrived = sum(talks, &Talk::arrived);
    if (arrived == sum(talks, &Talk::sent)) return;
    const auto moment = std::chrono::steady_clock::now();
    if (arrived != before) since = moment;
    before = arrived;
    if (moment - since > patience) return;
    const Outcome outcome = run.wait(20ms, "last messages");
    if (outcome == Outcome::out_of_time || outcome == Outcome::hopeless) return;
  }
}

// XEP-0198. The server's side of it as the clients see it, when all is over.
struct Acknowledging {
  std::uint64_t asked = 0;           // by the server
  std::uint64_t unacknowledged = 0;  // stanzas of clients
};

Acknowledging acknowledging(Run& run) {
  Acknowledging all;
  run.on_all([&all](Crew& crew) {
    for (ClientStream& client : crew.clients()) {
      all.asked += client.management()->asked();
      all.unacknowledged += client.management()->unacknowledged();
    }
  });
  return all;
}

// The server's counts and ours must be the same at the end.
Acknowledging wait_for_acknowledgements(Run& run) {
  run.on_all([](Crew& crew) {
    for (ClientStream& client : crew.clients())
      if (client.online()) client.management()->ask(client.out());
  });
  const std::uint64_t unacknowledged = acknowledging(run).unacknowledged;
  [[maybe_unused]] const bool all =
      run.wait_for([&run, unacknowledged] { return unacknowledged - acknowledging(run).unacknowledged; },
                   unacknowledged, "acknowledgements");
  return acknowledging(run);
}

void report_talks(Report& report, const Run& run, const Talks& talks, const Spending& spent) {
  const BenchOptions& options = run.options();
  Latency latency;
  for (const auto& talk : talks) latency.add(talk->latency());
  const double seconds = static_cast<double>(spent.wall.count()) / 1e9;
  const auto count = static_cast<double>(latency.count());
  report.count("pairs", options.users / 2);
  if (options.rate > 0)
    report.figure("rate_wanted", options.rate);
  else
    report.count("window", options.window);
  report.count("body", options.body);
  report.figure("seconds", seconds);
  report.count("messages", latency.count());
  report.figure("messages_per_s", seconds > 0 ? count / seconds : 0);
  report.latency("latency", latency);
  report.count("lost", sum(talks, &Talk::lost));
  report.count("doubled", sum(talks, &Talk::doubled));
  report.count("refused", sum(talks, &Talk::refused));
  run.report_spending(report, spent, count, "message");
}

}  // namespace

Result bench_chat(Run& run) {
  Outcome outcome = run.have_all(ClientTask::log_in, "login");
  if (outcome != Outcome::complete) return {begin_report(run, "chat", outcome), false};
  TalkTimes times{.run = static_cast<std::uint32_t>(random_u64())};
  Talks talks = begin_talks(run, times);
  outcome = run.wait(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{run.options().warm_up}),
      "warm-up");
  times.measure_from = now(run);
  const Meter meter{run.server()};
  if (outcome == Outcome::complete) outcome = run.wait(std::chrono::seconds{run.options().seconds}, "chat");
  times.measure_to = now(run);
  const Spending spent = meter.since();
  times.over = true;
  wait_for_the_last(run, talks);
  const bool manages = run.options().manages_stream;
  const Acknowledging acknowledged = manages ? wait_for_acknowledgements(run) : Acknowledging{};
  Report report = begin_report(run, "chat", outcome);
  const bool clients_well = run.failed() == 0 && run.lost_connections() == 0;
  end_talks(run, talks);
  run.send_home();
  run.stop();
  report_talks(report, run, talks, spent);
  if (manages) {
    report.count("server_asked", acknowledged.asked);
    report.count("unacknowledged", acknowledged.unacknowledged);
  }
  const bool good = outcome == Outcome::complete && clients_well && sum(talks, &Talk::lost) == 0 &&
                    sum(talks, &Talk::doubled) == 0 && acknowledged.unacknowledged == 0;
  return {std::move(report), good};
}

}  // namespace meerkat::bench
