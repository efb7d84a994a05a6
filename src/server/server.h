// SPDX-License-Identifier: Apache-2.0
// The roof: builds the floors in order, starts them, and stops them in reverse.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "admin/office.h"
#include "base/clock.h"
#include "core/hall.h"
#include "runtime/workers.h"
#include "server/configuration.h"
#include "server/limits_watch.h"
#include "server/ports.h"
#include "server/store.h"
#include "server/watchdog.h"
#include "streams/c2s_service.h"

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
  // Clients are told, what is under way is finished, at most for a few seconds.
  void stop();

  // Where clients can connect, one line for each listener: "c2s 127.0.0.1:5222", "c2s-tls 127.0.0.1:5223".
  std::vector<std::string> addresses() const;
  // The limit of descriptors that the server got, and how many sessions it allows.
  std::uint64_t most_descriptors() const { return most_descriptors_; }
  std::uint64_t most_sessions() const;

 private:
  using Outcome = std::expected<void, std::string>;

  explicit Server(Configuration configuration);
  Outcome build_halls();
  Outcome open_ports();
  Outcome open_office();
  void hand_over(Port& port);
  bool is_quiet();

  const SystemClock clock_;
  const Configuration configuration_;
  const Settings& settings_ = configuration_.settings;
  InheritedSockets inherited_ = InheritedSockets::from_environment();
  Workers workers_;
  const std::uint64_t most_descriptors_;
  Limits limits_;
  std::unique_ptr<Store> store_;
  std::vector<std::unique_ptr<Hall>> halls_;
  std::vector<std::unique_ptr<C2sService>> services_;
  LimitsWatch limits_watch_{limits_, workers_[0], services_};
  std::vector<Port> ports_;
  std::unique_ptr<admin::Office> office_;
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace meerkat
