// SPDX-License-Identifier: Apache-2.0
#include "store/sql/drivers.h"
#include "store/sql/postgres_session.h"

namespace meerkat::sql {

Driver postgres_driver(const RdbmsPoolOptions& options) {
  const auto address = std::make_shared<const PostgresAddress>(options);
  return {[address] { return std::make_unique<PostgresSession>(address); }, postgresql_dialect(),
          PostgresSession::depth};
}

}  // namespace meerkat::sql
