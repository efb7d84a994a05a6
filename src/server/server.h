// SPDX-License-Identifier: Apache-2.0
// The roof: builds the floors in order, starts them, and stops them in reverse.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/hall.h"
#include "core/module_entry.h"
#include "runtime/blocking_pool.h"
#include "runtime/workers.h"
#include "server/settings.h"
#include "store/sql/database.h"
#include "streams/c2s_service.h"

namespace meerkat {

// One per process. Built and stopped by the main thread.
class Server {
 public:
  // Opens everything that can fail; on failure the sentence says what to do, and nothing is left behind.
  static std::expected<std::unique_ptr<Server>, std::string> build(
      Settings settings, std::vector<std::unique_ptr<const ConfiguredModule>> modules);
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
  struct Port {
    std::string address;
    std::vector<int> descriptors;  // one per worker, until they are handed over
    std::shared_ptr<const C2sOptions> options;
  };
  using Outcome = std::expected<void, std::string>;

  Server(Settings settings, std::vector<std::unique_ptr<const ConfiguredModule>> modules);
  Outcome open_store();
  Outcome open_ports();
  Outcome open_port(const C2sListenSettings& listener);
  std::expected<TlsOptions, std::string> certified(const TlsSettings& settings) const;
  void build_halls();
  bool is_quiet();

  const SystemClock clock_;
  const Settings settings_;
  const std::vector<std::unique_ptr<const ConfiguredModule>> modules_;
  const std::string fake_salt_secret_;
  Workers workers_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Accounts> accounts_;
  BlockingPool hashing_;  // ends before the accounts, whose passwords it may still be hashing
  std::vector<std::unique_ptr<Hall>> halls_;
  std::vector<std::unique_ptr<C2sService>> services_;
  std::vector<Port> ports_;
  const std::uint64_t most_descriptors_;
};

}  // namespace meerkat
