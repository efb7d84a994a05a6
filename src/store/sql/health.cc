// SPDX-License-Identifier: Apache-2.0
#include "store/sql/health.h"

#include "base/log.h"

namespace meerkat::sql {

void Health::failed(std::string_view error) {
  if (trouble_.begins())
    log_error("database_unavailable", {{"database", database_}, {"side", side_}, {"error", error}});
}

void Health::worked() {
  if (const auto failures = trouble_.ends())
    log_notice("database_available", {{"database", database_}, {"side", side_}, {"failures", *failures}});
}

}  // namespace meerkat::sql
