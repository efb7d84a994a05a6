// SPDX-License-Identifier: Apache-2.0
// The mode resume: sessions lose their connections and are resumed, in rounds; messages come while they are away
// (XEP-0198 §5).
#include <chrono>

#include "admin/bench/modes.h"
#include "admin/bench/post.h"

namespace meerkat::bench {
namespace {

struct Memory {
  std::optional<std::uint64_t> before, connected, detached, waiting;
};

// What all rounds have cost.
struct Sums {
  Spending cuts, messages, resumes;
  Latency latency;
  std::uint64_t resumed = 0;
  std::uint64_t refused = 0;
  Memory memory;
};

class Rounds {
 public:
  Rounds(Run& run, Post& post, Sums& sums)
      : run_(run), post_(post), sums_(sums), users_{0, run.options().those_measured} {}

  Outcome next() {
    const bool first = sums_.resumed + sums_.refused == 0;
    cut();
    if (first) sums_.memory.detached = run_.server().resident();
    send();
    if (first) sums_.memory.waiting = run_.server().resident();
    const Meter meter{run_.server()};
    const Outcome outcome = run_.have_all(ClientTask::resume, "resumption", users_);
    Spending spent = meter.since();
    if (outcome != Outcome::complete) return outcome;
    [[maybe_unused]] const bool all_came =
        run_.wait_for([this] { return post_.arrived(); }, post_.to_send(), "messages");
    run_.wait_for_silence();
    spent.server = meter.since().server;
    sums_.resumes += spent;
    sums_.resumed += run_.succeeded();
    sums_.refused += run_.failed();
    run_.on_all([this](Crew& crew) { sums_.latency.add(crew.logins()); });
    return Outcome::complete;
  }

 private:
  void cut() {
    const Meter meter{run_.server()};
    run_.on_all([this](Crew& crew) { crew.cut(users_); });
    run_.wait_for_silence();
    sums_.cuts += meter.since();
  }

  void send() {
    const Meter meter{run_.server()};
    run_.on_all([this](Crew&) { post_.begin(); });
    [[maybe_unused]] const bool all_sent =
        run_.wait_for([this] { return post_.sent(); }, post_.to_send(), "messages sent");
    run_.wait_for_silence();
    sums_.messages += meter.since();
  }

  Run& run_;
  Post& post_;
  Sums& sums_;
  const Part users_;
};

void report_per_session(Report& report, std::string_view name, const Memory& memory, std::optional<std::uint64_t> then,
                        std::uint32_t sessions) {
  if (!memory.before || !then) return;
  report.figure(name, (static_cast<double>(*then) - static_cast<double>(*memory.before)) / 1024 / sessions);
}

void report_resumes(Report& report, const Run& run, const Sums& sums, const Post& post) {
  const BenchOptions& options = run.options();
  const auto resumed = static_cast<double>(sums.resumed);
  report.count("sessions", options.those_measured);
  report.count("rounds", options.rounds);
  report.count("resumed", sums.resumed);
  report.count("not_resumed", sums.refused);
  report.figure("resumes_per_s", resumed / in_seconds(sums.resumes.wall));
  report.latency("resume", sums.latency);
  report.count("messages", post.to_send());
  report.count("lost", post.lost());
  report.count("doubled", post.doubled());
  report.count("out_of_order", post.out_of_order());
  run.report_spending(report, sums.resumes, resumed, "resume");
  if (sums.cuts.server && resumed > 0) report.figure("server_cpu_us_per_cut", in_us(*sums.cuts.server) / resumed);
  if (sums.messages.server && post.to_send() > 0)
    report.figure("server_cpu_us_per_message_kept", in_us(*sums.messages.server) / static_cast<double>(post.to_send()));
  report_per_session(report, "server_rss_kb_per_connected_session", sums.memory, sums.memory.connected, options.users);
  report_per_session(report, "server_rss_kb_per_detached_session", sums.memory, sums.memory.detached, options.users);
  report_per_session(report, "server_rss_kb_per_detached_session_with_messages", sums.memory, sums.memory.waiting,
                     options.users);
}

}  // namespace

Result bench_resume(Run& run) {
  const BenchOptions& options = run.options();
  Sums sums;
  sums.memory.before = run.server().resident();
  Outcome outcome = run.have_all(ClientTask::log_in, "login");
  if (outcome == Outcome::complete && run.failed() > 0) outcome = Outcome::hopeless;
  if (outcome == Outcome::complete) outcome = run.wait(std::chrono::seconds{options.stay}, "idle");
  if (outcome != Outcome::complete) return {begin_report(run, "resume", outcome), false};
  run.wait_for_silence();
  sums.memory.connected = run.server().resident();
  Post post{*run.crews().front(), options};
  Rounds rounds{run, post, sums};
  for (std::uint32_t i = 0; i < options.rounds && outcome == Outcome::complete; ++i) outcome = rounds.next();
  Report report = begin_report(run, "resume", outcome);
  const bool good = outcome == Outcome::complete && sums.refused == 0 && run.lost_connections() == 0 &&
                    post.refused() == 0 && post.lost() == 0 && post.doubled() == 0 && post.out_of_order() == 0;
  run.send_home();
  run.stop();
  report_resumes(report, run, sums, post);
  return {std::move(report), good};
}

}  // namespace meerkat::bench
