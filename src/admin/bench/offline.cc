// SPDX-License-Identifier: Apache-2.0
// The mode offline: messages for users who are away, and the users coming back for them (XEP-0160).
#include <atomic>
#include <chrono>

#include "admin/bench/modes.h"
#include "base/random.h"

namespace meerkat::bench {
namespace {

// The client behind all others sends; the others have what was kept for them when they come.
class Post final : public Hearer {
 public:
  Post(Crew& crew, const BenchOptions& options)
      : crew_(crew),
        options_(options),
        to_send_(std::uint64_t{options.those_measured} * options.messages),
        next_(options.those_measured),
        run_(random_token(48)) {}

  // On the worker.
  void begin() {
    crew_.hear_with(this);
    send_some();
  }

  std::uint64_t to_send() const { return to_send_; }
  // Any thread.
  std::uint64_t sent() const { return answered_.load(std::memory_order_relaxed); }
  std::uint64_t arrived() const { return arrived_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  // Not the next one for this user.
  std::uint64_t out_of_order() const { return out_of_order_.load(std::memory_order_relaxed); }

  void heard(ClientStream& client, const xml::Element& stanza) override {
    const auto type = stanza.attr("type");
    if (stanza.is("iq", ns::client) && type && *type != "get") {
      answered_.store(sent_, std::memory_order_relaxed);
      return send_some();
    }
    if (!stanza.is("message", ns::client)) return;
    if (type && *type == "error") {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const auto body = stanza.child("body", ns::client);
    std::string storage;
    const std::string_view text = body ? body->text_view(storage) : std::string_view{};
    if (!text.starts_with(run_)) return;
    std::uint32_t& next = next_[client.number() - crew_.clients().front().number()];
    if (!text.substr(run_.size()).starts_with(' ' + std::to_string(next) + ' '))
      out_of_order_.fetch_add(1, std::memory_order_relaxed);
    ++next;
    arrived_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  // A question behind every hundred tells how far the server is.
  static constexpr std::uint64_t at_once = 100;

  void send_some() {
    ClientStream& sender = crew_.clients().back();
    if (!sender.online() || sent_ == to_send_) return;
    for (std::uint64_t i = 0; i < at_once && sent_ < to_send_; ++i, ++sent_) send(sender);
    ((sender.out() += "<iq type='get' id='p") += std::to_string(sent_)) += "' to='";
    (sender.out() += options_.domain) += "'><ping xmlns='urn:xmpp:ping'/></iq>";
  }

  void send(ClientStream& sender) const {
    std::string& out = sender.out();
    out += "<message to='";
    crew_.clients()[sent_ % options_.those_measured].append_bare_address(out);
    out += "' type='chat' id='m";
    out += std::to_string(sent_);
    out += "'><body>";
    std::string body = run_ + ' ' + std::to_string(sent_ / options_.those_measured) + ' ';
    if (body.size() < options_.body) body.append(options_.body - body.size(), 'x');
    (out += body) += "</body></message>";
  }

  Crew& crew_;
  const BenchOptions& options_;
  const std::uint64_t to_send_;
  std::uint64_t sent_ = 0;
  std::vector<std::uint32_t> next_;  // number expected, by user
  const std::string run_;
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> out_of_order_{0};
};

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
  report.count("lost", post.to_send() - std::min(post.to_send(), post.arrived() + post.refused()));
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
         post.refused() == 0 && post.out_of_order() == 0 && post.arrived() == post.to_send();
  run.send_home();
  run.stop();
  report_post(report, post, stored, fetched, plain);
  return {std::move(report), good};
}

}  // namespace meerkat::bench
