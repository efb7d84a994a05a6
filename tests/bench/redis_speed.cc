// SPDX-License-Identifier: Apache-2.0
// What the pool to Redis costs: GET and SET through it, against redis-benchmark with the same number of connections and
// of commands under way on each, with one real server.
#define DOCTEST_CONFIG_IMPLEMENT
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <vector>

#include "base/check.h"
#include "store/redis/test_redis.h"

using namespace meerkat;

namespace {

constexpr int connections = 4;
constexpr int rounds = 3;  // the best one counts

// Enough for a second or so.
int calls_with(int depth) { return depth == 1 ? 8'000 : depth == 16 ? 80'000 : 200'000; }

struct Measured {
  double per_second = 0;
  double cpu_microseconds = 0;  // of this process, for each call
};

double cpu_seconds() {
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const ::timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Task<> call_some(redis::Client& client, bool writes, int count) {
  const std::string value(100, 'm');
  for (int i = 0; i < count; ++i) {
    const redis::Reply reply =
        co_await (writes ? client.command("SET", "key:speed", value) : client.read("GET", "key:speed"));
    check(reply.error() == nullptr, "redis answers");
  }
}

Measured through_the_pool(const RedisConnection& connection, int depth, bool writes) {
  PoolSettings settings = redis::quick_settings(connections);
  settings.depth = static_cast<std::size_t>(depth);
  redis::TestClient test{connection, settings};
  redis::eventually([&] { return test.events(PoolEvent::connected) == connections; });
  const int callers = connections * depth, calls = calls_with(depth);
  Measured best;
  for (int round = 0; round < rounds; ++round) {
    const auto began = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    std::vector<std::future<void>> ends;
    for (int i = 0; i < callers; ++i)
      ends.push_back(
          test.house.start(call_some(test.client, writes, calls / callers), static_cast<std::size_t>(i % 2)));
    for (auto& end : ends) end.get();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (calls / took.count() > best.per_second) best = {calls / took.count(), (cpu_seconds() - cpu) * 1e6 / calls};
  }
  return best;
}

double redis_benchmark(const RedisConnection& connection, int depth, bool writes) {
  const std::string command = "redis-benchmark -p " + std::to_string(connection.port) + " -q --csv -d 100 -c " +
                              std::to_string(connections) + " -P " + std::to_string(depth) + " -n " +
                              std::to_string(calls_with(depth)) + " -t " + (writes ? "set" : "get");
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    std::FILE* const output = ::popen(command.c_str(), "r");
    check(output != nullptr, "redis-benchmark runs");
    std::string text(4096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), output));
    ::pclose(output);
    const auto at = text.find(writes ? "\"SET\",\"" : "\"GET\",\"");
    if (at != std::string::npos) best = std::max(best, std::stod(text.substr(at + 7)));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context{argc, argv};
  context.setAsDefaultForAssertsOutOfTestCases();
  const redis::TestRedis redis;
  if (!redis.is_there()) return 0;
  std::printf("over %d connections to Redis\n", connections);
  for (const bool writes : {true, false})
    for (const int depth : {1, 16, 128}) {
      const double bare = redis_benchmark(redis.connection(), depth, writes);
      const Measured pool = through_the_pool(redis.connection(), depth, writes);
      std::printf("  %s, %3d under way: pool %8.0f/s (%.2f us CPU per call), redis-benchmark %8.0f/s, %5.2f times\n",
                  writes ? "SET" : "GET", depth, pool.per_second, pool.cpu_microseconds, bare, pool.per_second / bare);
      std::fflush(stdout);
    }
  return 0;
}
