// SPDX-License-Identifier: Apache-2.0
#include "store/elastic/options.h"

namespace meerkat::elastic {
namespace {

using namespace config;

http::Origin origin_of(const Connection& connection) {
  return {.tls = connection.tls.has_value(), .name = connection.host, .port = connection.port};
}
std::string url_of(const Connection& connection) {
  return (connection.tls ? "https://" : "http://") + origin_of(connection).authority();
}

Section<Connection> connection_section() {
  using C = Connection;
  return Section<C>{"outgoing_pools.elastic.connection", "Where the search service is."}
      .option("host", &C::host, "The name or address of the service.", non_empty, needs_restart,
              example("\"search.example.org\""))
      .option("port", &C::port, "Its port.", at_least(1), needs_restart)
      .option("username", &C::username, "Who we are, if the service wants to know.", non_empty, needs_restart,
              example("\"meerkat\""))
      .option("password", &C::password, "The password of that user.", secret, needs_restart)
      .section("tls", &C::tls, tls_client_section(), needs_restart)
      .check([](const C& connection, Checker& checker) {
        if (connection.username.has_value() != connection.password.has_value())
          checker.refuse(connection.username ? "username" : "password",
                         "username and password belong together — give both or none");
        if (!http::read_origin(url_of(connection)))
          checker.refuse("host", "must be a name or an address, without a scheme or a path");
      });
}

}  // namespace

Section<ElasticPoolOptions> elastic_pool_section() {
  using O = ElasticPoolOptions;
  return Section<O>{"outgoing_pools.elastic", "Connections to Elasticsearch or OpenSearch."}
      .include(&O::pool, pool_section())
      .section("connection", &O::connection, connection_section());
}

http::HttpPoolOptions http_options(const ElasticPoolOptions& options) {
  http::HttpPoolOptions http{.pool = options.pool};
  http.connection.host = url_of(options.connection);
  http.connection.request_timeout = options.pool.call_timeout;
  http.connection.tls = options.connection.tls;
  return http;
}

}  // namespace meerkat::elastic
