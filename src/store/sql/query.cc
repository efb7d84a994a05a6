// SPDX-License-Identifier: Apache-2.0
#include "store/sql/query.h"

namespace meerkat::sql {

std::vector<std::string_view> column_list(std::string_view list) {
  std::vector<std::string_view> columns;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view column = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (column.starts_with(' ')) column.remove_prefix(1);
    while (column.ends_with(' ')) column.remove_suffix(1);
    if (!column.empty()) columns.push_back(column);
  }
  return columns;
}

namespace query_detail {
void wrong_row(std::string_view name, std::string_view why) {
  throw BadStatement(std::string{name} + ": the row is not what the query declares: " + std::string{why});
}
}  // namespace query_detail

}  // namespace meerkat::sql
