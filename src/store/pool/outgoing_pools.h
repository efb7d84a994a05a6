// SPDX-License-Identifier: Apache-2.0
// All pools of the configuration: what modules find their clients in, and operators the state of each.
#pragma once

#include <mutex>
#include <string>
#include <utility>
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
  // All there are, also those that methods of [auth] have for themselves, which come with their host types. Any thread.
  std::vector<Listed> listed() const {
    const std::lock_guard lock{mutex_};
    return listed_;
  }
  void add(Listed pool) {
    const std::lock_guard lock{mutex_};
    listed_.push_back(std::move(pool));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Listed> listed_;
};

}  // namespace meerkat
