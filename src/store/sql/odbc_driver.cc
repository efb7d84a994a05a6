// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "store/sql/drivers.h"

namespace meerkat::sql {

Driver odbc_driver(const RdbmsPoolOptions&) {
  throw std::runtime_error{"this Meerkat was built without the driver odbc"};
}

}  // namespace meerkat::sql
