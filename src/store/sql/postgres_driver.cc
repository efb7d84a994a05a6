// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "store/sql/drivers.h"

namespace meerkat::sql {

Driver postgres_driver(const RdbmsPoolOptions&) {
  throw std::runtime_error{"this Meerkat was built without the driver pgsql"};
}

}  // namespace meerkat::sql
