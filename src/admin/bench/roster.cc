// SPDX-License-Identifier: Apache-2.0
// The mode roster: how long and how dear it is to get a large one (RFC 6121 §2.2).
#include <atomic>
#include <chrono>

#include "admin/bench/modes.h"

namespace meerkat::bench {
namespace {

// One after the other the clients of a crew ask; each answer is counted, and its contacts.
class Lists final : public Hearer {
 public:
  explicit Lists(Crew& crew) : crew_(crew) {}

  // On the worker: every client makes its roster, some contacts at a time.
  void make(std::uint32_t entries) {
    crew_.hear_with(this);
    entries_ = entries;
    made_by_.assign(crew_.size(), 0);
    for (std::uint32_t place = 0; place < crew_.size(); ++place)
      for (int i = 0; i < 10; ++i) add_entry(place);
  }
  // On the worker: everybody asks `times`, in turn.
  void ask(std::uint32_t times) {
    crew_.hear_with(this);
    asking_ = true;
    to_ask_ = times * crew_.size();
    asked_ = 0;
    ask_next();
  }

  // Any thread.
  std::uint64_t answers() const { return answers_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t contacts() const { return contacts_.load(std::memory_order_relaxed); }
  // When nobody asks.
  Latency take_latency() { return std::exchange(latency_, {}); }

  void heard(ClientStream& client, const xml::Element& stanza) override {
    const auto type = stanza.attr("type");
    if (!stanza.is("iq", ns::client) || !type || *type == "set") return;  // pushes need no answer here
    if (*type != "result") refused_.fetch_add(1, std::memory_order_relaxed);
    if (asking_) {
      latency_.add(now() - asked_at_);
      if (const auto query = stanza.child("query", ns::roster))
        for ([[maybe_unused]] const xml::Element item : query->children())
          contacts_.fetch_add(1, std::memory_order_relaxed);
      ask_next();
    } else {
      add_entry(client.number() - crew_.clients().front().number());
    }
    answers_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  std::chrono::nanoseconds now() const { return crew_.worker().clock().steady().time_since_epoch(); }

  void add_entry(std::uint32_t place) {
    ClientStream& client = crew_.clients()[place];
    if (made_by_[place] == entries_ || !client.online()) return;
    const std::string number = std::to_string(made_by_[place]++);
    std::string& out = client.out();
    out += "<iq type='set' id='s" + number + "'><query xmlns='jabber:iq:roster'><item jid='contact" + number;
    out += "@example.net' name='Contact " + number + "'><group>Friends</group></item></query></iq>";
  }

  void ask_next() {
    if (asked_ == to_ask_) return;
    ClientStream& client = crew_.clients()[asked_++ % crew_.size()];
    if (!client.online()) return;
    asked_at_ = now();
    client.out() += "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";
  }

  Crew& crew_;
  std::uint32_t entries_ = 0;
  std::vector<std::uint32_t> made_by_;
  bool asking_ = false;
  std::uint32_t to_ask_ = 0;
  std::uint32_t asked_ = 0;
  std::chrono::nanoseconds asked_at_{};
  Latency latency_;
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> contacts_{0};
};

bool wait_for_answers(Run& run, const Lists& lists, std::uint64_t before, std::uint64_t wanted, const char* what) {
  return run.wait_for([&] { return lists.answers() - before; }, wanted, what);
}

// Everybody `times`, measured; figures are called NAME_….
bool measure(Run& run, Lists& lists, std::uint32_t times, const std::string& name, Report& report) {
  const std::uint64_t before = lists.answers();
  const std::uint64_t wanted = std::uint64_t{times} * run.options().users;
  const Meter meter{run.server()};
  run.on_all([&lists, times](Crew&) { lists.ask(times); });
  const bool all = wait_for_answers(run, lists, before, wanted, "rosters");
  const Spending spent = meter.since();
  Latency latency;
  run.on_all([&](Crew&) { latency = lists.take_latency(); });
  report.latency(name, latency);
  if (spent.server) report.figure("server_cpu_us_per_" + name, in_us(*spent.server) / static_cast<double>(wanted));
  return all;
}

}  // namespace

// The first question of each comes from a server that has not read the roster lately, when it was started since.
Result bench_roster(Run& run) {
  const BenchOptions& options = run.options();
  const Outcome outcome = run.have_all(ClientTask::log_in, "login");
  if (outcome != Outcome::complete) return {begin_report(run, "roster", outcome), false};
  Lists lists{*run.crews().front()};
  Report figures;
  bool good = true;
  if (!options.prepared) {
    const Meter meter{run.server()};
    const std::uint64_t wanted = std::uint64_t{options.users} * options.entries;
    run.on_all([&](Crew&) { lists.make(options.entries); });
    good = wait_for_answers(run, lists, 0, wanted, "contacts");
    run.wait_for_silence();
    if (const Spending spent = meter.since(); spent.server && wanted > 0)
      figures.figure("server_cpu_us_per_contact_made", in_us(*spent.server) / static_cast<double>(wanted));
  }
  run.wait_for_silence();
  good = good && measure(run, lists, 1, "first_get", figures);
  good = good && measure(run, lists, options.rounds, "later_get", figures);
  Report report = begin_report(run, "roster", outcome);
  const std::uint64_t expected = std::uint64_t{options.users} * options.entries * (1 + options.rounds);
  good =
      good && run.failed() == 0 && run.lost_connections() == 0 && lists.refused() == 0 && lists.contacts() == expected;
  run.send_home();
  run.stop();
  report.count("entries", options.entries);
  report.count("refused", lists.refused());
  report.count("contacts_missing", expected - std::min(expected, lists.contacts()));
  report.add(figures);
  return {std::move(report), good};
}

}  // namespace meerkat::bench
