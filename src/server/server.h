// SPDX-License-Identifier: Apache-2.0
// The roof: builds the floors in order, starts them, and stops them in reverse.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "admin/live/sampler.h"
#include "admin/live/trace_desk.h"
#include "admin/office.h"
#include "base/clock.h"
#include "base/metrics/registry.h"
#include "cluster/session_registry.h"
#include "config/comparison.h"
#include "core/hall.h"
#include "runtime/blocking_pool.h"
#include "runtime/workers.h"
#include "server/configuration.h"
#include "server/expiry.h"
#include "server/host_change.h"
#include "server/instrumentation.h"
#include "server/limits_watch.h"
#include "server/pool_metrics.h"
#include "server/pools.h"
#include "server/ports.h"
#include "server/store.h"
#include "server/system_metrics.h"
#include "server/watchdog.h"
#include "services/system_metrics/system_reports.h"
#include "streams/c2s_service.h"
#include "streams/http_service.h"

namespace meerkat {

// One per process. Built and stopped by the main thread.
class Server {
 public:
  // Opens everything that can fail; on failure the sentence says what to do, and nothing is left behind.
  static std::expected<std::unique_ptr<Server>, std::string> build(Configuration configuration);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();

  // Reads the configuration file again, compares it with what runs, and applies what is different at once on all
  // workers, or nothing. Writes what it did into the log. Any thread but a worker.
  enum class Reload : std::uint8_t { apply, dry_run };
  config::ChangeOutcome reload(Reload how);
  // The same for a worker, which goes on meanwhile.
  Task<config::ChangeOutcome> reload_for_worker(Reload how);
  // Takes certificates that were replaced, and says when one runs out. Called every second or so; not on a worker.
  void look_after_certificates();
  // Clients are told, what is under way is finished, at most for a few seconds.
  void stop();

  // Where clients can connect, one line for each listener: "c2s 127.0.0.1:5222", "c2s-tls 127.0.0.1:5223".
  // Any thread, as all below.
  std::vector<std::string> addresses() const;
  // What the listeners show.
  std::vector<CertificateFacts> certificates() const;
  // The limit of descriptors that the server got, and how many sessions it allows.
  std::uint64_t most_descriptors() const { return most_descriptors_; }
  std::uint64_t most_sessions() const;

 private:
  using Outcome = std::expected<void, std::string>;

  explicit Server(Configuration configuration);
  void watch_pools();
  void watch_system();
  Outcome build_halls();
  void list_own_pools();
  void make_registries();
  Outcome open_ports();
  Outcome open_office();
  std::vector<admin::OptionShown> options_in_force();
  void tell_system_reports();
  bool is_quiet();
  void wait_until_quiet(SteadyTime until);
  // What a worker has sent to another has arrived, and what that made it send as well.
  void let_mail_arrive();
  template <class Event>
  bool tell_hosts(std::chrono::seconds at_most);
  PortSurroundings surroundings_of(const Settings& settings);

  config::ChangeOutcome change_to_file(Reload how);
  struct PortsChange {
    Ports<C2sPorts>::Change c2s;
    Ports<HttpPorts>::Change http;
  };
  std::expected<PortsChange, std::string> prepare_ports(const Settings& settings);
  void apply(Configuration next, const HostChange& hosts, PortsChange ports);
  void show_ports();
  std::size_t client_connections() const;
  std::vector<TlsListener> tls_listeners() const;
  template <class Function>
  void on_all_workers(Function function);

  const SystemClock clock_;
  Configuration configuration_;  // what runs
  const Settings& settings_ = configuration_.settings;
  InheritedSockets inherited_ = InheritedSockets::from_environment();
  metrics::Registry metrics_;
  Instrumentation instrumentation_{metrics_};
  Workers workers_;
  const std::uint64_t most_descriptors_;
  Limits limits_;
  std::unique_ptr<OutgoingPools> pools_;
  std::optional<PoolMetrics> pool_metrics_{std::in_place, metrics_};  // gone before the pools are
  std::unique_ptr<Store> store_;
  std::size_t own_pools_listed_ = 0;  // of the store's
  std::vector<std::unique_ptr<Hall>> halls_;
  std::vector<std::unique_ptr<SessionRegistry>> registries_;  // one per hall, or none
  std::vector<std::unique_ptr<C2sService>> services_;
  std::atomic<bool> about_to_stop_{false};
  std::vector<std::unique_ptr<HttpService>> http_services_;
  LimitsWatch limits_watch_{limits_, workers_[0], services_, http_services_};
  Ports<C2sPorts> c2s_ports_{services_};
  Ports<HttpPorts> http_ports_{http_services_};
  std::unique_ptr<SystemReports> system_reports_;  // on the first worker
  std::unique_ptr<admin::Sampler> sampler_;
  admin::TraceDesk traces_{settings_.admin.trace_content};
  std::unique_ptr<admin::Office> office_;
  Expiry expiry_{clock_};
  std::map<std::string, WallTime> changed_;  // options that were changed while the server ran, by path; under the lock
  std::mutex change_mutex_;                  // held while something is changed: never waited for on a worker
  bool stopping_ = false;                    // under that lock
  mutable std::mutex shown_mutex_;
  ShownPorts shown_;
  std::optional<SystemMetrics> system_metrics_;
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<BlockingPool> caretaker_ = std::make_unique<BlockingPool>("caretaker", 1);
  std::unique_ptr<BlockingPool> reader_ = std::make_unique<BlockingPool>("reader", 1);  // of metrics
};

}  // namespace meerkat
