// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/ended_sessions.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"
#include "core/hall.h"
#include "core/stream_management.h"

namespace meerkat {
namespace {

// Of one worker. More sessions than this do not end while a database writes, unless it does not.
constexpr std::size_t most_unwritten = 10'000;
// So many of one worker are not left for the next time.
constexpr std::uint64_t many = EndedSessions::most / 8;

}  // namespace

std::uint32_t EndedSessions::now() const { return seconds_of(host_.hall.worker.clock().wall()); }

void EndedSessions::start() {
  if (host_.hall.worker.index() != 0) return;
  timer_.set(
      host_.hall.worker.timers(), options_.repeat_after,
      [](void* self) {
        auto& ended = *static_cast<EndedSessions*>(self);
        ended.host_.hall.scope.spawn(collect(ended.shared_from_this()));
        ended.start();
      },
      this);
}

void EndedSessions::ended(const Session& session) {
  const StreamManagement* const management = session.management.get();
  if (management == nullptr || !management->resumable() || unwritten_.size() >= most_unwritten) return;
  EndedSession over{management->id(), session.jid.bare(), management->handled(), now()};
  unwritten_.insert_or_assign(over.id, over);
  host_.hall.scope.spawn(remember(shared_from_this(), std::move(over)));
  if (++since_collected_ == many) host_.hall.scope.spawn(collect(shared_from_this()));
}

Task<> EndedSessions::remember(std::shared_ptr<EndedSessions> self, EndedSession session) {
  const std::string id = session.id;
  try {
    co_await self->store_->remember(std::move(session));
    self->worked();
  } catch (const std::exception& failure) {
    self->failed(failure);
  }
  self->unwritten_.erase(id);
}

Task<std::optional<std::uint32_t>> EndedSessions::handled_by(std::string id, Jid user) {
  if (const auto known = unwritten_.find(id); known != unwritten_.end()) {
    if (known->second.user.same_bare(user)) co_return known->second.handled;
    co_return std::nullopt;
  }
  try {
    const auto ended = co_await store_->ended(std::move(id), std::move(user));
    worked();
    // What nobody has collected yet is too old all the same.
    if (ended && ended->stamp + options_.geriatric.count() > now()) co_return ended->handled;
  } catch (const std::exception& failure) {
    failed(failure);
  }
  co_return std::nullopt;
}

void EndedSessions::account_removed(const Jid& user) {
  std::erase_if(unwritten_, [&user](const auto& each) { return each.second.user.same_bare(user); });
}

Task<> EndedSessions::collect(std::shared_ptr<EndedSessions> self) {
  self->since_collected_ = 0;
  const auto age = static_cast<std::uint32_t>(std::min<std::int64_t>(self->options_.geriatric.count(), self->now()));
  try {
    co_await self->store_->collect(self->host_.name, self->now() - age, most);
    self->worked();
  } catch (const std::exception& failure) {
    self->failed(failure);
  }
}

void EndedSessions::failed(const std::exception& failure) {
  if (trouble_.begins())
    log_warning("stale_counts_unavailable",
                {{"host", host_.name},
                 {"error", failure.what()},
                 {"now", "clients that resume too late do not learn what was taken from them"}});
}

void EndedSessions::worked() {
  if (const auto failures = trouble_.ends())
    log_notice("stale_counts_available", {{"host", host_.name}, {"failures", *failures}});
}

}  // namespace meerkat
