// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/run.h"

#include <algorithm>
#include <latch>
#include <stdexcept>

#include <fmt/format.h>

namespace meerkat::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = 5ms;  // how exactly the end of the logins is seen
constexpr auto longest_goodbye = 5s;
// After the last thing that happens, so long is waited for another one.
constexpr auto patience = 5s;
// A server that uses less than a fiftieth of a core for such a while is silent; some never are.
constexpr auto one_breath = 200ms;
constexpr auto longest_noise = 10s;
// So many failures without a single success mean that the rest will fail too.
constexpr std::uint64_t hopeless_from = 20;

// One per worker, so that OpenSSL's reference counts are not fought over.
std::shared_ptr<const TlsContext> client_tls(TlsUse use) {
  if (use == TlsUse::none) return nullptr;
  TlsOptions options{.verify_mode = TlsOptions::Verify::none};
  if (use == TlsUse::direct) options.alpn = {"xmpp-client"};
  auto context = TlsContext::make(options, TlsRole::client);
  if (!context) throw std::runtime_error{"TLS: " + context.error()};
  return *std::move(context);
}

double in_ms(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

}  // namespace

Spending& Spending::operator+=(const Spending& more) {
  wall += more.wall;
  client += more.client;
  if (more.server) server = server.value_or(0ns) + *more.server;
  return *this;
}

Spending Meter::since() const {
  Spending spent{.wall = std::chrono::steady_clock::now() - wall_, .client = own_cpu() - client_cpu_};
  const auto now = server_.cpu();
  if (now && server_cpu_) spent.server = *now - *server_cpu_;
  return spent;
}

Run::Run(const BenchOptions& options, const ServerAddress& address, Console& console)
    : options_(options),
      console_(console),
      server_(options.server_pid),
      end_(std::chrono::steady_clock::now() + std::chrono::seconds{options.limit}),
      workers_(options.threads, clock_) {
  make_crews(address);
  workers_.start();
  running_ = true;
}

Run::~Run() { stop(); }

void Run::make_crews(const ServerAddress& address) {
  // Pairs stay together on one worker.
  const std::uint32_t pairs = (options_.users + 1) / 2;
  std::uint32_t first = 0;
  for (std::uint32_t i = 0; i < options_.threads; ++i) {
    const auto last = static_cast<std::uint32_t>(std::uint64_t{pairs} * (i + 1) / options_.threads * 2);
    const std::uint32_t behind = std::min(last, options_.users);
    const Crew::Share share{.first = options_.first_user + first,
                            .count = behind - first,
                            .in_flight = std::max(1u, options_.in_flight / options_.threads)};
    first = behind;
    crews_.push_back(std::make_unique<Crew>(options_, address, workers_[i], client_tls(options_.tls), share));
  }
}

void Run::on_all(const std::function<void(Crew&)>& work) {
  std::latch done{static_cast<std::ptrdiff_t>(crews_.size())};
  for (auto& crew : crews_)
    crew->worker().call([&work, &done, &crew = *crew] {
      work(crew);
      done.count_down();
    });
  done.wait();
}

Outcome Run::have_all(ClientTask task, std::string_view what, const Part& part) {
  std::uint64_t wanted = 0;
  for (const auto& crew : crews_) wanted += crew->size(part);
  on_all([task, &part](Crew& crew) { crew.begin(task, part); });
  while (sum(&Crew::ended) < wanted) {
    if (console_.interrupted_within(tick)) return Outcome::interrupted;
    if (out_of_time()) return Outcome::out_of_time;
    if (sum(&Crew::ended) == failed() && failed() >= hopeless_from) return Outcome::hopeless;
    console_.progress(what, sum(&Crew::ended), wanted, failed() > 0 ? "users, some failed" : "users");
  }
  console_.clear_progress();
  return failed() < wanted || wanted == 0 ? Outcome::complete : Outcome::hopeless;
}

void Run::send_home(const Part& part) {
  on_all([&part](Crew& crew) { crew.leave(part); });
  const auto end = std::chrono::steady_clock::now() + longest_goodbye;
  while (std::chrono::steady_clock::now() < end) {
    on_all([&part](Crew& crew) { crew.count_connections(part); });
    if (std::ranges::all_of(crews_, [](const auto& crew) { return crew->connections() == 0; })) break;
    if (console_.interrupted_within(tick)) break;
  }
  on_all([&part](Crew& crew) { crew.drop(part); });
}

bool Run::wait_for(const std::function<std::uint64_t()>& progress, std::uint64_t wanted, std::string_view what) {
  std::uint64_t before = 0;
  auto since = std::chrono::steady_clock::now();
  for (;;) {
    const std::uint64_t done = progress();
    const auto moment = std::chrono::steady_clock::now();
    if (done >= wanted) break;
    if (done != before) since = moment;
    before = done;
    if (moment - since > patience || out_of_time()) break;
    if (console_.interrupted_within(tick)) break;
    console_.progress(what, done, wanted, "");
  }
  console_.clear_progress();
  return progress() >= wanted;
}

void Run::wait_for_silence() {
  if (!server_.readable()) {
    [[maybe_unused]] const bool interrupted = console_.interrupted_within(1s);
    return;
  }
  const auto end = std::chrono::steady_clock::now() + longest_noise;
  auto before = server_.cpu().value_or(0ns);
  while (std::chrono::steady_clock::now() < end && !out_of_time()) {
    if (console_.interrupted_within(one_breath)) return;
    const auto now = server_.cpu().value_or(0ns);
    if (now - before < one_breath / 50) return;
    before = now;
  }
}

Outcome Run::wait(std::chrono::nanoseconds time, std::string_view what) {
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (passed >= time) break;
    console_.progress(what, static_cast<std::uint64_t>(passed / 1s), static_cast<std::uint64_t>(time / 1s), "s");
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - passed) + 1ms;
    if (console_.interrupted_within(std::min<std::chrono::milliseconds>(rest, tick))) return Outcome::interrupted;
    if (out_of_time()) return Outcome::out_of_time;
    if (lost_connections() >= succeeded()) return Outcome::hopeless;
  }
  console_.clear_progress();
  return Outcome::complete;
}

void Run::stop() {
  if (!running_) return;
  running_ = false;
  on_all([](Crew& crew) { crew.drop(); });
  workers_.stop();
}

std::uint64_t Run::sum(std::uint32_t (Crew::*count)() const) const {
  std::uint64_t all = 0;
  for (const auto& crew : crews_) all += (*crew.*count)();
  return all;
}

std::string Run::first_failure() const {
  for (const auto& crew : crews_)
    if (std::string why = crew->first_failure(); !why.empty()) return why;
  return {};
}

void Run::report_clients(Report& report) const {
  report.count("users", options_.users);
  report.count("succeeded", succeeded());
  if (existed() > 0) report.count("existed_before", existed());
  report.count("failed", failed());
  if (lost_connections() > 0) report.count("lost_connections", lost_connections());
  if (const std::string why = first_failure(); !why.empty()) report.word("first_failure", why);
}

void Run::report_spending(Report& report, const Spending& spent, double units, std::string_view unit) const {
  if (units <= 0) return;
  if (spent.server) {
    report.figure(fmt::format("server_cpu_us_per_{}", unit), in_ms(*spent.server) * 1000 / units);
    report.figure("server_cpu_percent", 100 * in_ms(*spent.server) / in_ms(spent.wall));
  }
  report.figure(fmt::format("client_cpu_us_per_{}", unit), in_ms(spent.client) * 1000 / units);
  report.figure("client_cpu_percent", 100 * in_ms(spent.client) / in_ms(spent.wall));
}

}  // namespace meerkat::bench
