// SPDX-License-Identifier: Apache-2.0
// The mode offline: messages for users who are away, and the users coming back for them (XEP-0160).
#include <chrono>

#include "admin/bench/modes.h"
#include "admin/bench/post.h"

namespace meerkat::bench {
namespace {

// What the logins of all cost without messages.
Outcome log_in_and_out(Run& run, const Part& users, Spending& spent) {
  // Once before: keys are derived, and caches are as warm as the second time.
  for (int i = 0; i < 2; ++i) {
    const Meter meter{run.server()};
    const Outcome outcome = run.have_all(ClientTask::log_in, "login", users);
    if (outcome != Outcome::complete) return outcome;
    run.wait_for_silence();
    spent = meter.since();
    run.send_home(users);
    run.wait_for_silence();
  }
  return Outcome::complete;
}

void report_post(Report& report, const Post& post, const Spending& stored, const Spending& fetched,
                 const Spending& plain) {
  const auto messages = static_cast<double>(post.to_send());
  report.count("messages", post.to_send());
  report.count("refused", post.refused());
  report.count("lost", post.lost());
  report.count("doubled", post.doubled());
  report.count("out_of_order", post.out_of_order());
  report.figure("stored_per_s", messages / in_seconds(stored.wall));
  if (!stored.server || !fetched.server || !plain.server) return;
  report.figure("server_cpu_us_per_message_stored", in_us(*stored.server) / messages);
  report.figure("server_cpu_us_per_message_fetched", (in_us(*fetched.server) - in_us(*plain.server)) / messages);
}

}  // namespace

Result bench_offline(Run& run) {
  const BenchOptions& options = run.options();
  const Part users{0, options.those_measured};
  const Part sender{options.those_measured, 1};
  Spending plain;
  Outcome outcome = log_in_and_out(run, users, plain);
  if (outcome == Outcome::complete) outcome = run.have_all(ClientTask::log_in, "login", sender);
  if (outcome != Outcome::complete) return {begin_report(run, "offline", outcome), false};
  Post post{*run.crews().front(), options};
  const Meter storing{run.server()};
  run.on_all([&post](Crew&) { post.begin(); });
  bool good = run.wait_for([&post] { return post.sent(); }, post.to_send(), "messages sent");
  Spending stored = storing.since();
  run.wait_for_silence();
  stored.server = storing.since().server;
  const Meter fetching{run.server()};
  outcome = run.have_all(ClientTask::log_in, "login", users);
  good = run.wait_for([&post] { return post.arrived() + post.refused(); }, post.to_send(), "messages fetched") && good;
  run.wait_for_silence();
  const Spending fetched = fetching.since();
  Report report = begin_report(run, "offline", outcome);
  good = good && outcome == Outcome::complete && run.failed() == 0 && run.lost_connections() == 0 &&
         post.refused() == 0 && post.doubled() == 0 && post.out_of_order() == 0 && post.lost() == 0;
  run.send_home();
  run.stop();
  report_post(report, post, stored, fetched, plain);
  return {std::move(report), good};
}

}  // namespace meerkat::bench
