// SPDX-License-Identifier: Apache-2.0
#include "server/pools_section.h"

namespace meerkat {

config::Section<PoolsSettings> pools_section() {
  using namespace config;
  using S = PoolsSettings;
  const Rule tag = names_are("tag");
  return Section<S>{"outgoing_pools", "Connections to services outside."}
      .map("rdbms", &S::rdbms, sql::rdbms_pool_section(), tag)
      .map("redis", &S::redis, redis_pool_section(), tag)
      .map("http", &S::http, http::http_pool_section(), tag)
      .map("ldap", &S::ldap, ldap::ldap_pool_section(), tag)
      .map("rabbit", &S::rabbit, amqp::rabbit_pool_section(), tag)
      .map("elastic", &S::elastic, elastic::elastic_pool_section(), tag)
      .map("cassandra", &S::cassandra, cassandra_pool_section(), tag)
      .refused("riak", "MongooseIM has dropped Riak, and Meerkat never had it — rdbms takes its place");
}

}  // namespace meerkat
