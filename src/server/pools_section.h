// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools]: the services outside, put together from what each kind declares.
#pragma once

#include <map>
#include <string>

#include "config/section.h"
#include "store/amqp/rabbit_options.h"
#include "store/cassandra/cassandra_options.h"
#include "store/elastic/options.h"
#include "store/http/options.h"
#include "store/ldap/ldap_options.h"
#include "store/redis/redis_options.h"
#include "store/sql/rdbms_options.h"

namespace meerkat {

// By tag.
struct PoolsSettings {
  std::map<std::string, sql::RdbmsPoolOptions> rdbms;
  std::map<std::string, RedisPoolOptions> redis;
  std::map<std::string, http::HttpPoolOptions> http;
  std::map<std::string, ldap::LdapPoolOptions> ldap;
  std::map<std::string, amqp::RabbitPoolOptions> rabbit;
  std::map<std::string, elastic::ElasticPoolOptions> elastic;
  std::map<std::string, CassandraPoolOptions> cassandra;
};

config::Section<PoolsSettings> pools_section();

}  // namespace meerkat
