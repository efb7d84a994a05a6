// SPDX-License-Identifier: Apache-2.0
// The drivers of rdbms pools, each behind one function.
#pragma once

#include <cstddef>

#include "store/sql/dialect.h"
#include "store/sql/pooled_database.h"
#include "store/sql/rdbms_options.h"

namespace meerkat::sql {

struct Driver {
  MakeSession make_session;
  const Dialect& dialect;
  std::size_t depth = 1;  // how many single statements a session may have on their way
};

Driver postgres_driver(const RdbmsPoolOptions& options);
Driver mysql_driver(const RdbmsPoolOptions& options);
Driver odbc_driver(const RdbmsPoolOptions& options);

}  // namespace meerkat::sql
