// SPDX-License-Identifier: Apache-2.0
#include "core/backend.h"

#include <stdexcept>

#include "core/hall.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat {

sql::Database& database_of(const HostType& host, Backend backend) {
  if (backend == Backend::embedded) return *host.hall.database;
  sql::Database* const pool = host.hall.pools->rdbms.find(host.name);
  if (pool == nullptr) throw std::runtime_error{"there is no pool outgoing_pools.rdbms.default"};
  return *pool;
}

}  // namespace meerkat
