// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <span>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "core/end_sessions.h"
#include "core/events/host_events.h"
#include "server/ask.h"
#include "server/descriptors.h"
#include "server/host_change.h"
#include "server/report_plan.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_farewell = 5s;
// How long those who keep something may take for it when the server stops, and those who bring it back when it starts.
constexpr auto longest_keeping = 5s, longest_opening = 30s;
// Mail that is answered with mail, that is answered with mail.
constexpr int mail_rounds = 4;

std::size_t worker_count(std::uint32_t wished) {
  return wished > 0 ? wished : std::max(1u, std::thread::hardware_concurrency());
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : "localhost";
}

// A promise that is never kept is broken, when the worker is stopped before.
template <class Event>
Task<> tell_hosts_of(const Hall& hall, std::shared_ptr<std::promise<void>> told) {
  for (HostType* const host : hall.hosts()) {
    Event event{*host};
    [[maybe_unused]] const Verdict verdict = co_await host->run(event);
  }
  told->set_value();
}

}  // namespace

Server::Server(Configuration configuration)
    : configuration_(std::move(configuration)),
      workers_(worker_count(settings_.general.worker_threads), clock_),
      most_descriptors_(raise_descriptor_limit()),
      limits_(settings_.limits, most_descriptors_, settings_.general.registration_timeout) {}

Server::~Server() = default;

std::expected<std::unique_ptr<Server>, std::string> Server::build(Configuration configuration) {
  std::unique_ptr<Server> server{new Server(std::move(configuration))};
  auto pools = open_pools(server->configuration_);
  if (!pools) return std::unexpected(pools.error());
  server->pools_ = std::move(*pools);
  server->watch_pools();
  auto store = Store::open(server->settings_, server->workers_[0], *server->pools_);
  if (!store) return std::unexpected(store.error());
  server->store_ = std::move(*store);
  if (auto built = server->build_halls(); !built) return std::unexpected(built.error());
  if (auto opened = server->open_ports(); !opened) return std::unexpected(opened.error());
  server->watch_system();
  if (auto opened = server->open_office(); !opened) return std::unexpected(opened.error());
  return server;
}

// Before anybody uses them.
void Server::watch_pools() {
  for (const OutgoingPools::Listed& pool : pools_->listed()) {
    if (pool.kind == "rabbit") {
      pool_metrics_->watch_rabbit(pool, *pools_->rabbit.find(pool.host_type, pool.tag));
      continue;
    }
    const auto rdbms = settings_.outgoing_pools.rdbms.find(pool.tag);
    const bool has_driver = pool.kind == "rdbms" && rdbms != settings_.outgoing_pools.rdbms.end();
    pool_metrics_->watch(pool, has_driver ? config::printed_name(rdbms->second.connection.driver) : std::string_view{});
  }
}

void Server::watch_system() {
  const auto mail_waiting = [this] {
    std::size_t mail = 0;
    for (const auto& worker : workers_) mail += worker->mail_waiting();
    return mail;
  };
  system_metrics_.emplace(metrics_, clock_,
                          SystemSources{.mail_waiting = mail_waiting,
                                        .node_connections = [this] { return client_connections(); },
                                        .tls_listeners = [this] { return tls_listeners(); }});
}

// Those that methods of [auth] have for themselves; host types that come later bring more.
void Server::list_own_pools() {
  for (OutgoingPool* const pool : std::span{store_->own_pools()}.subspan(own_pools_listed_)) {
    const std::string& name = pool->settings().name;
    const std::size_t dot = name.find('.');
    const OutgoingPools::Listed listed{
        .kind = name.substr(0, dot), .host_type = "", .tag = name.substr(dot + 1), .pool = pool};
    pool_metrics_->watch(listed);
    pools_->add(listed);
    ++own_pools_listed_;
  }
}

Server::Outcome Server::build_halls() {
  const auto hosts = HostChange::make(nullptr, configuration_, *store_);
  if (!hosts) return std::unexpected(hosts.error());
  list_own_pools();
  metrics_.host_types_are(hosts->domains());
  for (const auto& worker : workers_) halls_.push_back(std::make_unique<Hall>(*worker, workers_, halls_, metrics_));
  try {
    prepare_tables(configuration_, *pools_);
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
  const auto shapers = std::make_shared<const ShaperTable>(settings_.shaper);
  for (const auto& hall : halls_) {
    hall->limits = &limits_;
    hall->database = &store_->database();
    hall->pools = pools_.get();
    hall->shapers.table = shapers;
    hosts->prepare(*hall);
    hosts->serve(*hall);
    services_.push_back(std::make_unique<C2sService>(*hall, services_));
    http_services_.push_back(std::make_unique<HttpService>(*hall));
  }
  if (settings_.general.sm_backend == SessionBackend::redis) make_registries();
  system_reports_ = std::make_unique<SystemReports>(*halls_.front());
  return {};
}

// The node is the machine: two servers of one domain on one machine would take each other for dead.
void Server::make_registries() {
  const RegistryNode node{.name = "meerkat@" + host_name(), .process = random_token(64)};
  for (const auto& hall : halls_)
    registries_.push_back(std::make_unique<SessionRegistry>(*hall, *pools_->redis.find({}), node));
}

Server::Outcome Server::open_ports() {
  if (auto opened = c2s_ports_.open(surroundings_of(settings_)); !opened) return opened;
  if (auto opened = http_ports_.open(surroundings_of(settings_)); !opened) return opened;
  show_ports();
  for (const std::string& socket : inherited_.left_over())
    log_warning("socket_not_used", {{"socket", socket}, {"now", "give it a [[listen.*]] table with its port"}});
  return {};
}

Server::Outcome Server::open_office() {
  sampler_ = std::make_unique<admin::Sampler>(halls_, services_, metrics_, *pools_);
  auto office = admin::Office::open(
      settings_.admin.socket_in(settings_.internal_databases.embedded.directory),
      {.halls = halls_,
       .services = services_,
       .metrics = metrics_,
       .started = clock_.steady(),
       .most_descriptors = most_descriptors_,
       .addresses = [this] { return addresses(); },
       .reload = [this](bool dry_run) { return reload_for_worker(dry_run ? Reload::dry_run : Reload::apply); },
       .certificates = [this] { return certificates(); },
       .pools = pools_.get(),
       .caretaker = caretaker_.get(),
       .reader = reader_.get(),
       .prometheus_may_read = [this] { return instrumentation_.prometheus_may_read(); },
       .exometer = [this] { return instrumentation_.exometer(); },
       .process = [this] { return system_metrics_->process(); },
       .sampler = sampler_.get(),
       .traces = &traces_,
       .configuration = [this] { return options_in_force(); },
       .system_reports = system_reports_.get()},
      settings_.admin.page);
  if (!office) return std::unexpected(office.error());
  office_ = std::move(*office);
  return {};
}

void Server::start() {
  log_notice("descriptor_limit", {{"descriptors", most_descriptors_}, {"sessions", most_sessions()}});
  workers_.start();
  for (std::size_t i = 0; i < registries_.size(); ++i) ask(workers_[i], [&] { return registries_[i]->start(), true; });
  ask(workers_[0], [&] { return limits_watch_.start(), true; });
  if (!tell_hosts<HostOpens>(longest_opening))
    log_warning("opening_takes_long", {{"now", "clients are let in meanwhile"}});
  c2s_ports_.hand_over();
  for (const auto& service : http_services_) {
    service->office = office_.get();
    service->stopping = &about_to_stop_;
  }
  http_ports_.hand_over();
  instrumentation_.change(settings_.instrumentation);
  // From here on an operator may change something.
  ask(workers_[admin::Premises::office], [&] { return office_->start(), true; });
  sampler_->start();
  watchdog_ = make_watchdog(workers_);
  const std::lock_guard lock{change_mutex_};  // the office is open
  tell_system_reports();
}

void Server::tell_system_reports() {
  ask(workers_[0], [this] { return system_reports_->follow(report_plan(configuration_)), true; });
}

std::uint64_t Server::most_sessions() const { return sessions_within(most_descriptors_); }

bool Server::is_quiet() {
  bool quiet = ask(workers_[admin::Premises::office], [&] { return office_->is_idle(); });
  for (const auto& service : services_)
    quiet = ask(service->hall.worker, [&] { return service->streams() == 0 && service->hall.scope.idle(); }) && quiet;
  for (const auto& service : http_services_)
    quiet = ask(service->hall.worker, [&] { return service->is_idle(); }) && quiet;
  return quiet;
}

void Server::wait_until_quiet(SteadyTime until) {
  while (!is_quiet() && clock_.steady() < until) std::this_thread::sleep_for(10ms);
}

void Server::let_mail_arrive() {
  for (int round = 0; round < mail_rounds; ++round)
    for (const auto& worker : workers_) ask(*worker, [] { return true; });
}

// False when somebody is not done in time.
template <class Event>
bool Server::tell_hosts(std::chrono::seconds at_most) {
  std::vector<std::future<void>> told;
  for (const auto& hall : halls_) {
    auto promise = std::make_shared<std::promise<void>>();
    told.push_back(promise->get_future());
    hall->worker.call([&hall, promise] { hall->scope.spawn(tell_hosts_of<Event>(*hall, promise)); });
  }
  const auto until = std::chrono::steady_clock::now() + at_most;
  return std::ranges::all_of(told,
                             [until](const auto& each) { return each.wait_until(until) == std::future_status::ready; });
}

void Server::stop() {
  log_notice("stopping");
  {
    const std::lock_guard lock{change_mutex_};
    stopping_ = true;
  }
  about_to_stop_.store(true, std::memory_order_relaxed);
  system_reports_->gives_up();
  ask(workers_[admin::Premises::office], [&] { return office_->shut_down(), true; });
  for (const auto& service : services_) ask(service->hall.worker, [&] { return service->shut_down(), true; });
  wait_until_quiet(clock_.steady() + longest_farewell);
  for (const auto& service : http_services_) ask(service->hall.worker, [&] { return service->shut_down(), true; });
  let_mail_arrive();
  if (!tell_hosts<HostCloses>(longest_keeping)) log_error("keeping_takes_too_long", {{"now", "the rest is given up"}});
  for (const auto& hall : halls_) ask(hall->worker, [&] { return end_detached_sessions(*hall); });
  wait_until_quiet(clock_.steady() + longest_keeping);
  watchdog_.reset();
  sampler_->stop();
  instrumentation_.stop();
  workers_.stop();
  caretaker_.reset();  // it may be trying a pool
  reader_.reset();
  system_metrics_.reset();
  pool_metrics_.reset();
  store_->close();
  pools_.reset();
  system_reports_->stops();
  log_notice("stopped");
}

}  // namespace meerkat
