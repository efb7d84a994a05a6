// SPDX-License-Identifier: Apache-2.0
#include "modules/adhoc/executions.h"

#include <algorithm>

namespace meerkat {

bool Executions::has_room_for(const Jid& user) const {
  if (by_id_.size() >= most) return false;
  const auto of_user = std::ranges::count_if(
      by_id_, [&](const auto& waiting) { return waiting.second->execution->user.same_bare(user); });
  return static_cast<std::size_t>(of_user) < most_of_a_user;
}

void Executions::put(std::string id, Execution execution) {
  auto waiting = std::make_unique<Waiting>(*this, id, std::make_unique<Execution>(std::move(execution)));
  waiting->timer.set(
      timers_, idle_for,
      [](void* late) {
        const Waiting& over = *static_cast<Waiting*>(late);
        over.all.by_id_.erase(std::string{over.id});
      },
      waiting.get());
  by_id_.insert_or_assign(std::move(id), std::move(waiting));
}

std::unique_ptr<Execution> Executions::take(const std::string& id, const Jid& user) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || found->second->execution->user != user) return nullptr;
  std::unique_ptr<Execution> execution = std::move(found->second->execution);
  by_id_.erase(found);
  return execution;
}

void Executions::forget(const Jid& user) {
  std::erase_if(by_id_, [&](const auto& waiting) { return waiting.second->execution->user == user; });
}

}  // namespace meerkat
