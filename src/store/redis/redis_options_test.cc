// SPDX-License-Identifier: Apache-2.0
#include "store/redis/redis_options.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"

using namespace meerkat;

namespace {

struct Read {
  RedisPoolOptions options;
  std::string report;
};

Read read(std::string_view toml) {
  config::Problems problems;
  const auto root = config::read_toml(toml, "meerkat.toml", problems);
  REQUIRE(root);
  RedisPoolOptions options = redis_pool_section().read(&*root, problems);
  return {std::move(options), problems.report()};
}

}  // namespace

TEST_CASE("a redis pool without options is at home on this machine") {
  const auto [options, report] = read("");
  CHECK(report.empty());
  CHECK(options.pool.workers == 10);
  CHECK(options.pool.strategy == PoolStrategy::best_worker);
  CHECK(options.pool.call_timeout == std::chrono::seconds{5});
  CHECK(options.connection.host == "127.0.0.1");
  CHECK(options.connection.port == 6379);
  CHECK(options.connection.database == 0);
  CHECK_FALSE(options.connection.tls);
}

TEST_CASE("all options of a redis pool are read") {
  const auto [options, report] = read(R"(
    scope = "host_type"
    workers = 3
    strategy = "random_worker"
    [connection]
    host = "redis.example"
    port = 6380
    database = 4
    username = "meerkat"
    password = "secret"
    [connection.tls]
    verify_mode = "selfsigned_peer"
  )");
  CHECK(report.empty());
  CHECK(options.pool.scope == PoolScope::host_type);
  CHECK(options.pool.workers == 3);
  CHECK(options.connection.host == "redis.example");
  CHECK(options.connection.port == 6380);
  CHECK(options.connection.database == 4);
  CHECK(options.connection.username == "meerkat");
  CHECK(options.connection.password == "secret");
  REQUIRE(options.connection.tls);
  CHECK(options.connection.tls->verify_mode == TlsOptions::Verify::selfsigned_peer);
}

TEST_CASE("what a redis pool cannot do is refused with words") {
  CHECK(read("strategy = \"available_worker\"").report.contains("no worker is ever waited for"));
  CHECK(read("[connection]\nusername = \"meerkat\"").report.contains("give password as well"));
  CHECK(read("[connection]\ndatabase = -1").report.contains("database"));
  CHECK(read("[connection]\nport = 0").report.contains("port"));
}
