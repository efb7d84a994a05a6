// SPDX-License-Identifier: Apache-2.0
#include "store/sql/session.h"

#include <span>

namespace meerkat::sql {

void Session::run_upserts(const Upsert& what, const Rows& rows) {
  for (std::size_t i = 0; i < rows.count(); ++i)
    run_upsert(what, std::span{rows.cells}.subspan(i * rows.columns, rows.columns));
}

void Session::run_removals(const Upsert& what, const Rows& keys) {
  for (std::size_t i = 0; i < keys.count(); ++i)
    run_removal(what, std::span{keys.cells}.subspan(i * keys.columns, keys.columns));
}

}  // namespace meerkat::sql
