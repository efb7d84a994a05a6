// SPDX-License-Identifier: Apache-2.0
#include "store/redis/redis_options.h"

namespace meerkat {

using namespace config;

Section<RedisPoolOptions> redis_pool_section() {
  using C = RedisConnection;
  using O = RedisPoolOptions;
  const auto connection =
      Section<C>{"outgoing_pools.redis.connection", "Where Redis is, and who we are to it."}
          .option("host", &C::host, "Its name or address.", non_empty, needs_restart, example("\"redis.example.org\""))
          .option("port", &C::port, "Its port.", at_least(1), needs_restart)
          .option("database", &C::database, "The number of the database, as SELECT takes it.", needs_restart)
          .option("username", &C::username, "The user of an ACL; without one it is Redis' default user.", non_empty,
                  needs_restart, example("\"meerkat\""))
          .option("password", &C::password, "Sent with AUTH; empty means that Redis wants none.", secret, needs_restart,
                  example("\"secret\""))
          .section("tls", &C::tls, tls_client_section())
          .check([](const C& options, Checker& checker) {
            if (options.username && options.password.value_or("").empty())
              checker.refuse("username", "a user of an ACL needs a password — give password as well");
          });
  return Section<O>{"outgoing_pools.redis", "Connections to Redis, or to a server that speaks like it."}
      .include(&O::pool, pool_section())
      .section("connection", &O::connection, connection)
      .check([](const O& options, Checker& checker) {
        if (options.pool.strategy == PoolStrategy::available_worker)
          checker.refuse("strategy",
                         "Redis answers many calls at once on one connection, so no worker is ever waited for — leave "
                         "strategy out, or use \"best_worker\"");
      });
}

}  // namespace meerkat
