// SPDX-License-Identifier: Apache-2.0
// Test support: a real Redis, and clients of it that are quick to try again.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "store/redis/client.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

namespace meerkat::redis {

// Waits until it is so; fails the test when that takes ten seconds.
inline void eventually(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!is_so()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::yield();
  }
}

inline PoolSettings quick_settings(std::uint32_t workers = 1) {
  PoolSettings settings;
  settings.name = "redis.default";
  settings.options.workers = workers;
  settings.options.call_timeout = std::chrono::seconds{5};
  settings.back_off = {.first = std::chrono::milliseconds{5}, .longest = std::chrono::milliseconds{20}};
  settings.depth = 128;
  return settings;
}

class TestRedis {
 public:
  explicit TestRedis(const std::vector<std::string>& arguments = {}) : service_("redis", arguments) {}

  bool is_there() const { return service_.is_there(); }
  const std::filesystem::path& directory() const { return service_.directory(); }
  std::string tell(std::string_view command) { return service_.tell(command); }
  // What redis-cli says to a command.
  std::string cli(const std::string& command) { return service_.tell("call cli " + command); }

  RedisConnection connection() const {
    RedisConnection options;
    options.port = service_.port();
    return options;
  }

 private:
  LiveService service_;
};

// A pool and workers that await it.
struct TestClient {
  explicit TestClient(const RedisConnection& connection, const PoolSettings& settings = quick_settings())
      : client(settings, connection) {}

  // The next try to connect succeeds or fails, whatever came before.
  bool connects() {
    return client.pool().wait_until_connected(std::chrono::steady_clock::now() + std::chrono::seconds{10});
  }
  template <class... Words>
  Reply command(const Words&... words) {
    return house.ask(client.command(words...));
  }
  template <class... Words>
  Reply read(const Words&... words) {
    return house.ask(client.read(words...));
  }
  // The words of what the call failed with; empty when it did not.
  std::string failure(Task<Reply> task) {
    try {
      house.ask(std::move(task));
    } catch (const Unavailable& known) {
      return known.what();
    }
    return {};
  }
  std::uint64_t events(PoolEvent event) const { return client.pool().events().times(event); }
  std::string last_error() const { return client.pool().workers().front().last_error; }
  // Waits until a connection could not be made; why.
  std::string why_down() {
    eventually([this] { return client.pool().workers().front().status == PoolWorkerStatus::down; });
    return last_error();
  }

  sql::TestHouse house;
  Client client;
};

}  // namespace meerkat::redis
