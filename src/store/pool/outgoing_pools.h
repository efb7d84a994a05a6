// SPDX-License-Identifier: Apache-2.0
// All pools of the configuration: what modules find their clients in, and operators the state of each.
#pragma once

#include <string>
#include <vector>

#include "store/pool/outgoing_pool.h"
#include "store/pool/pool_table.h"

namespace meerkat {

namespace sql {
class Database;
}
namespace redis {
class Client;
}
namespace http {
class Client;
}
namespace ldap {
class Client;
}
namespace amqp {
class Client;
}
namespace elastic {
class Client;
}
namespace cassandra {
class Client;
}

// Made before the workers start, destroyed after they have stopped; read by any thread in between.
struct OutgoingPools {
  PoolTable<redis::Client> redis;
  PoolTable<http::Client> http;
  PoolTable<ldap::Client> ldap;
  PoolTable<amqp::Client> rabbit;
  PoolTable<elastic::Client> elastic;
  PoolTable<cassandra::Client> cassandra;
  PoolTable<sql::Database> rdbms;  // ends first: it has rows to write

  struct Listed {
    std::string kind;       // "rdbms"
    std::string host_type;  // empty: all share it
    std::string tag;
    OutgoingPool* pool;
  };
  std::vector<Listed> all;
};

}  // namespace meerkat
