// SPDX-License-Identifier: Apache-2.0
// The mode presence: in each group one changes his presence, and again when all his contacts have heard of it.
#include <atomic>
#include <charconv>
#include <chrono>

#include "admin/bench/introductions.h"
#include "admin/bench/modes.h"
#include "base/random.h"

namespace meerkat::bench {
namespace {

// A group stands in the row of clients behind the other: the one who speaks, then those who listen.
class Groups final : public Hearer {
 public:
  Groups(Crew& crew, std::uint32_t groups, std::uint32_t fan)
      : crew_(crew), fan_(fan), size_(fan + 1), rounds_(groups), run_(random_token(48)) {}

  // On the worker.
  void begin() {
    crew_.hear_with(this);
    for (std::uint32_t group = 0; group < rounds_.size(); ++group) speak(group);
  }
  void end() { over_ = true; }

  // Any thread.
  std::uint64_t heard_count() const { return heard_.load(std::memory_order_relaxed); }
  std::uint64_t wanted() const { return wanted_.load(std::memory_order_relaxed); }

  void heard(ClientStream& client, const xml::Element& stanza) override {
    const std::uint32_t place = client.number() - crew_.clients().front().number();
    if (place % size_ == 0 || !stanza.is("presence", ns::client)) return;
    const auto status = stanza.child("status", ns::client);
    if (!status) return;
    Round& round = rounds_[place / size_];
    std::string storage;
    const std::string_view text = status->text_view(storage);
    if (text != word_for(round.number)) return;
    heard_.fetch_add(1, std::memory_order_relaxed);
    if (++round.heard == fan_ && !over_) speak(place / size_);
  }

 private:
  struct Round {
    std::uint32_t number = 0;
    std::uint32_t heard = 0;
  };

  std::string word_for(std::uint32_t number) const { return run_ + ' ' + std::to_string(number); }

  void speak(std::uint32_t group) {
    ClientStream& speaker = crew_.clients()[group * size_];
    if (!speaker.online()) return;
    Round& round = rounds_[group];
    ++round.number;
    round.heard = 0;
    wanted_.fetch_add(fan_, std::memory_order_relaxed);
    (speaker.out() += "<presence><show>away</show><status>") += word_for(round.number);
    speaker.out() += "</status></presence>";
    speaker.sent_stanza();
  }

  Crew& crew_;
  const std::uint32_t fan_, size_;
  std::vector<Round> rounds_;
  const std::string run_;
  bool over_ = false;
  std::atomic<std::uint64_t> heard_{0};
  std::atomic<std::uint64_t> wanted_{0};
};

std::vector<Acquaintance> acquaintances_in(std::uint32_t groups, std::uint32_t fan) {
  std::vector<Acquaintance> pairs;
  for (std::uint32_t i = 1; i <= fan; ++i)
    for (std::uint32_t group = 0; group < groups; ++group) pairs.push_back({group * (fan + 1), group * (fan + 1) + i});
  return pairs;
}

}  // namespace

Result bench_presence(Run& run) {
  const BenchOptions& options = run.options();
  Outcome outcome = run.have_all(ClientTask::log_in, "login");
  if (outcome != Outcome::complete) return {begin_report(run, "presence", outcome), false};
  Report introductions;
  bool good =
      options.prepared || introduce(run, acquaintances_in(options.those_measured, options.entries), introductions);
  run.wait_for_silence();
  Groups groups{*run.crews().front(), options.those_measured, options.entries};
  const Meter meter{run.server()};
  if (good) {
    run.on_all([&groups](Crew&) { groups.begin(); });
    outcome = run.wait(std::chrono::seconds{options.seconds}, "presence");
  }
  run.on_all([&groups](Crew&) { groups.end(); });
  good = run.wait_for([&groups] { return groups.heard_count(); }, groups.wanted(), "last presence") && good;
  const Spending spent = meter.since();
  Report report = begin_report(run, "presence", outcome);
  good = good && outcome == Outcome::complete && run.failed() == 0 && run.lost_connections() == 0;
  run.send_home();
  run.stop();
  const auto heard = static_cast<double>(groups.heard_count());
  report.add(introductions);
  report.count("groups", options.those_measured);
  report.count("fan", options.entries);
  report.count("deliveries", groups.heard_count());
  report.count("lost", groups.wanted() - groups.heard_count());
  report.figure("deliveries_per_s", heard / in_seconds(spent.wall));
  run.report_spending(report, spent, heard, "delivery");
  return {std::move(report), good};
}

}  // namespace meerkat::bench
