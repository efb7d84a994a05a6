// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/cassandra_options.h"

namespace meerkat {

using namespace config;

Section<CassandraPoolOptions> cassandra_pool_section() {
  using S = CassandraServer;
  using A = CassandraAuth;
  using C = CassandraConnection;
  using O = CassandraPoolOptions;
  const auto server = Section<S>{"connection.servers", "One node of the cluster."}
                          .option("host", &S::host, "Its name or address.", mandatory, non_empty, needs_restart,
                                  example("\"cassandra1.example.org\""))
                          .option("port", &S::port, "Where it speaks CQL.", between(1, 65535), needs_restart);
  const auto plain = Section<A::Plain>{"connection.auth.plain", "A name and a password, for the PasswordAuthenticator."}
                         .option("username", &A::Plain::username, "The role that we are.", mandatory, needs_restart,
                                 example("\"meerkat\""))
                         .option("password", &A::Plain::password, "Its password.", mandatory, secret, needs_restart);
  const auto auth = Section<A>{"connection.auth", "How we log in. Without this table nobody does."}.section(
      "plain", &A::plain, plain);
  const auto connection =
      Section<C>{"connection", "Where the Cassandra is."}
          .list("servers", &C::servers, server, non_empty, unique)
          .option("keyspace", &C::keyspace, "The keyspace that holds our tables; it must be there.", non_empty,
                  needs_restart)
          .section("auth", &C::auth, auth)
          .section("tls", &C::tls, tls_client_section())
          .check([](const C& options, Checker& checker) {
            for (std::size_t i = 0; i < options.servers.size(); ++i)
              for (std::size_t j = 0; j < i; ++j)
                if (options.servers[i] == options.servers[j])
                  checker.refuse("servers", options.servers[i].text() + " stands there twice — once is enough");
          });
  return Section<O>{"outgoing_pools.cassandra",
                    "Connections to a Cassandra or ScyllaDB. Each worker begins with "
                    "another one of the servers, and moves on when it fails."}
      .include(&O::pool, pool_section(O{}.pool))
      .section("connection", &O::connection, connection);
}

}  // namespace meerkat
