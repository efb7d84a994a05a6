// SPDX-License-Identifier: Apache-2.0
#include "core/iq_table.h"

#include "base/check.h"

namespace meerkat {

IqTable::Row& IqTable::row(const Namespace& ns, IqTarget target) {
  check(ns.id != 0, "namespaces of handlers are well-known ones");
  for (Row& row : rows_)
    if (row.ns == ns && row.target == target) return row;
  return rows_.emplace_back(Row{.ns = ns, .target = target, .get = {}, .set = {}});
}

void IqTable::claim(Handler& place, const Handler& handler, const Namespace& ns) {
  check(place.call == nullptr, std::string{"two modules answer "}.append(ns.uri));
  place = handler;
}

const IqTable::Row* IqTable::find(const xml::Element& query, IqTarget target) const {
  const std::uint16_t id = query.namespace_id();
  if (id == 0) return nullptr;
  for (const Row& row : rows_)
    if (row.ns.id == id && row.target == target) return &row;
  return nullptr;
}

std::vector<std::string_view> IqTable::namespaces(IqTarget target) const {
  std::vector<std::string_view> found;
  for (const Row& row : rows_)
    if (row.target == target) found.push_back(row.ns.uri);
  return found;
}

}  // namespace meerkat
