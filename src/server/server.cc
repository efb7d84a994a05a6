// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

#include <fmt/format.h>

#include "accounts/anonymous.h"
#include "base/log.h"
#include "base/random.h"
#include "store/sql/sqlite.h"
#include "streams/legacy_session.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

// Descriptors that are not sessions: listeners, loops, the database, standard streams.
constexpr std::uint64_t other_descriptors = 64;
constexpr auto longest_farewell = 5s;

std::size_t worker_count(std::uint32_t wished) {
  return wished > 0 ? wished : std::max(1u, std::thread::hardware_concurrency());
}

// As many descriptors as the system lets us have.
std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

// Runs on the worker and waits for it.
template <class Function>
auto ask(Worker& worker, Function function) {
  std::promise<decltype(function())> answer;
  worker.call([&] { answer.set_value(function()); });
  return answer.get_future().get();
}

}  // namespace

Server::Server(Settings settings, std::vector<std::unique_ptr<const ConfiguredModule>> modules)
    : settings_(std::move(settings)),
      modules_(std::move(modules)),
      fake_salt_secret_(random_bytes(32)),
      workers_(worker_count(settings_.general.worker_threads), clock_),
      hashing_("hashing", std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2)),
      most_descriptors_(raise_descriptor_limit()) {}

std::expected<std::unique_ptr<Server>, std::string> Server::build(
    Settings settings, std::vector<std::unique_ptr<const ConfiguredModule>> modules) {
  std::unique_ptr<Server> server{new Server(std::move(settings), std::move(modules))};
  if (auto opened = server->open_store(); !opened) return std::unexpected(opened.error());
  server->build_halls();
  if (auto opened = server->open_ports(); !opened) return std::unexpected(opened.error());
  return server;
}

Server::~Server() {
  for (const Port& port : ports_)
    for (const int descriptor : port.descriptors)
      if (descriptor >= 0) ::close(descriptor);
}

Server::Outcome Server::open_store() {
  auto database = sql::open_sqlite(settings_.internal_databases.embedded.directory);
  if (!database) return std::unexpected(database.error());
  database_ = std::move(*database);
  if (!settings_.auth.uses(AuthMethod::internal)) {
    accounts_ = make_anonymous_accounts();
    return {};
  }
  try {
    accounts_ = make_internal_accounts(*database_, hashing_,
                                       {.format = settings_.auth.password.format,
                                        .hashes = settings_.auth.password.hash,
                                        .scram_iterations = settings_.auth.password.scram_iterations,
                                        .max_users_per_domain = settings_.auth.max_users_per_domain.most()});
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
  return {};
}

void Server::build_halls() {
  for (const auto& worker : workers_) halls_.push_back(std::make_unique<Hall>(*worker, workers_, halls_));
  for (const auto& hall : halls_) {
    for (const std::string& domain : settings_.general.hosts) {
      HostType& host = hall->add_host(std::string{Jid::parse(domain)->domain()}, *accounts_);
      host.start_module(std::make_unique<LegacySession>(host));
      for (const auto& module : modules_) host.start_module(module->start(host));
    }
    services_.push_back(std::make_unique<C2sService>(*hall, services_));
  }
}

Server::Outcome Server::open_ports() {
  if (settings_.listen.c2s.empty())
    return std::unexpected("there is no listener: add a [[listen.c2s]] with a port to the configuration");
  for (const C2sListenSettings& listener : settings_.listen.c2s)
    if (auto opened = open_port(listener); !opened) return opened;
  return {};
}

// The files of the settings, or a certificate of our own.
std::expected<TlsOptions, std::string> Server::certified(const TlsSettings& settings) const {
  TlsOptions options = tls_options(settings);
  if (!options.certfile.empty()) return options;
  const std::filesystem::path directory = settings_.internal_databases.embedded.directory;
  options.certfile = directory / "self-signed.crt";
  options.keyfile = directory / "self-signed.key";
  if (std::filesystem::exists(options.certfile) && std::filesystem::exists(options.keyfile)) return options;
  const auto made = make_self_signed(settings_.general.hosts, options.certfile, options.keyfile, clock_.wall());
  if (!made) return std::unexpected(made.error());
  log_notice("certificate_made", {{"file", options.certfile.string()}, {"kind", "self-signed"}});
  return options;
}

Server::Outcome Server::open_port(const C2sListenSettings& listener) {
  C2sOptions options;
  options.address = {.ip = listener.ip_address, .port = listener.port, .backlog = static_cast<int>(listener.backlog)};
  options.limits.bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(listener.max_stanza_size.value_or(config::Bytes{64u << 20}).count, 64u << 20));
  options.state_timeout = listener.state_timeout.value_or(std::chrono::milliseconds{0});
  options.backwards_compatible_session = listener.backwards_compatible_session;
  options.default_domain = settings_.general.default_server_domain;
  options.language = settings_.general.language;
  options.rules = std::make_shared<const AccessRules>(settings_.access);
  options.access = listener.access;
  options.mechanisms = mechanisms_of(settings_.auth);
  options.anonymous = settings_.auth.uses(AuthMethod::anonymous);
  options.plain_without_tls = !settings_.auth.sasl_mechanisms.empty();
  options.fake_salt_secret = fake_salt_secret_;
  if (listener.tls) {
    options.tls_mode = listener.tls->mode;
    const auto tls = certified(*listener.tls);
    if (!tls) return std::unexpected(tls.error());
    const auto tickets = tls->session_tickets ? std::make_shared<TlsTicketKeys>(clock_) : nullptr;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      auto context = TlsContext::make(*tls, TlsRole::server, tickets);
      if (!context) return std::unexpected(context.error());
      options.tls_contexts.push_back(std::move(*context));
    }
  }

  Port& port = ports_.emplace_back();
  if (const auto free = port_is_free(options.address); !free) return std::unexpected(free.error());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto descriptor = open_listening_socket(options.address);
    if (!descriptor) return std::unexpected(descriptor.error());
    port.descriptors.push_back(*descriptor);
    options.address.port = port_of(*descriptor);
  }
  port.address = fmt::format("{} {}:{}", options.tls_mode == TlsMode::tls ? "c2s-tls" : "c2s", options.address.ip,
                             options.address.port);
  port.options = std::make_shared<const C2sOptions>(std::move(options));
  return {};
}

void Server::start() {
  log_notice("descriptor_limit", {{"descriptors", most_descriptors_}, {"sessions", most_sessions()}});
  workers_.start();
  for (Port& port : ports_) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      C2sService& service = *services_[i];
      const int descriptor = std::exchange(port.descriptors[i], -1);
      ask(workers_[i], [&] { return service.listen(descriptor, port.options), true; });
    }
    log_notice("listening", {{"address", port.address}});
  }
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> lines;
  lines.reserve(ports_.size());
  for (const Port& port : ports_) lines.push_back(port.address);
  return lines;
}

std::uint64_t Server::most_sessions() const {
  return most_descriptors_ > other_descriptors ? most_descriptors_ - other_descriptors : 0;
}

bool Server::is_quiet() {
  bool quiet = true;
  for (const auto& service : services_)
    quiet = ask(service->hall.worker, [&] { return service->streams() == 0 && service->hall.scope.idle(); }) && quiet;
  return quiet;
}

void Server::stop() {
  log_notice("stopping");
  for (const auto& service : services_) ask(service->hall.worker, [&] { return service->shut_down(), true; });
  const auto until = clock_.steady() + longest_farewell;
  while (!is_quiet() && clock_.steady() < until) std::this_thread::sleep_for(10ms);
  workers_.stop();
  // What was handed to the database is still written; nobody is left to hear of it.
  database_.reset();
  log_notice("stopped");
}

}  // namespace meerkat
