// SPDX-License-Identifier: Apache-2.0
#include "store/sql/work.h"

namespace meerkat::sql {

void SingleWork::run(Transaction& transaction) {
  const SingleStatement& what = statement;
  if (what.upsert != nullptr) return answered({}, transaction.run_upsert(*what.upsert, what.arguments));
  if (what.most_rows > 0)
    return answered(transaction.run_query(what.name, what.text, what.arguments, what.most_rows), 0);
  answered({}, transaction.run_statement(what.name, what.text, what.arguments));
}

}  // namespace meerkat::sql
