// SPDX-License-Identifier: Apache-2.0
#include "core/iq_table.h"

#include "base/check.h"

namespace meerkat {
namespace {

Task<IqReply> wait_inside([[maybe_unused]] Visit inside, Task<IqReply> answer) {
  IqReply reply = co_await answer;
  co_return reply;
}

}  // namespace

Answer<IqReply> IqTable::Handler::ask(const IqRequest& request) const {
  Answer<IqReply> answer = call(owner, request);
  if (answer.at_hand()) return answer;
  return wait_inside(Visit{module}, answer.take_task());
}

IqTable::Row& IqTable::row(const Namespace& ns, IqTarget target) {
  check(ns.id != 0, "namespaces of handlers are well-known ones");
  for (Row& row : rows_)
    if (row.ns == ns && row.target == target) return row;
  return rows_.emplace_back(Row{.ns = ns, .target = target, .get = {}, .set = {}, .queue = nullptr});
}

void IqTable::claim(Handler Row::* place, const Handler& handler, const Namespace& ns, IqTarget target,
                    const IqProcessing& how) {
  Row& here = row(ns, target);
  Handler& free = here.*place;
  check(!free, std::string{"two modules answer "}.append(ns.uri));
  free = handler;
  if (how.type == IqProcessing::Type::parallel || (here.queue && here.queue->how() == how)) return;
  here.queue = std::make_shared<IqQueue>(how, worker_count_);
}

void IqTable::forget(const Generation& generation) {
  for (Row& row : rows_)
    for (Handler* handler : {&row.get, &row.set})
      if (handler->module == &generation) *handler = {};
  std::erase_if(rows_, [](const Row& row) { return !row.get && !row.set; });
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
