// SPDX-License-Identifier: Apache-2.0
#include "store/sql/mysql_words.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "store/sql/errors.h"

namespace meerkat::sql {

void take_mysql_schema_lock(Transaction& session, SteadyTime until) {
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(until - std::chrono::steady_clock::now());
  const Values longest = pack(std::max<std::int64_t>(left.count(), 1));
  const Rows answer = session.run_query("schema_lock", "SELECT GET_LOCK('meerkat_schema', ?)", longest, 1);
  if (answer.cells.empty() || answer.cells.front() != Value{1})
    throw Unavailable{"another server has been changing the tables for too long"};
}

}  // namespace meerkat::sql
