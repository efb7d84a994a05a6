// SPDX-License-Identifier: Apache-2.0
#include "modules/offline/keeper.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/backend_metrics.h"
#include "core/hall.h"
#include "runtime/workers.h"

namespace meerkat {
namespace {

// Boxes at rest remember what would cost a query: that the account exists, and how much it has.
constexpr std::size_t most_at_rest = 1000;
// Of messages in memory that cannot be written, on one worker.
constexpr std::size_t most_bytes = 64 * 1024 * 1024;
constexpr std::chrono::seconds try_again_after{1};

// Functions are named as the metrics reference has them.
class MeasuredStore final : public OfflineStore {
 public:
  MeasuredStore(std::unique_ptr<OfflineStore> store, const BackendMetrics& metrics)
      : store_(std::move(store)), write_messages_(metrics, "write_messages"), pop_messages_(metrics, "pop_messages") {}

  Task<OfflineAppended> append(Jid user, std::vector<NewOfflineMessage> messages,
                               std::optional<OfflineRoom> room) override {
    return write_messages_(store_->append(std::move(user), std::move(messages), room));
  }
  Task<std::vector<OfflineMessage>> read_behind(Jid user, std::uint64_t number, std::size_t most) override {
    return pop_messages_(store_->read_behind(std::move(user), number, most));
  }
  Task<> remove(std::vector<OfflineName> messages) override { return store_->remove(std::move(messages)); }
  Task<> remove_all(Jid user) override { return store_->remove_all(std::move(user)); }

 private:
  const std::unique_ptr<OfflineStore> store_;
  const BackendCall write_messages_;
  const BackendCall pop_messages_;
};

std::unique_ptr<OfflineStore> store_for(const HostType& host, Backend backend) {
  return std::make_unique<MeasuredStore>(make_offline_store(database_of(host, backend)),
                                         BackendMetrics{host, "mod_offline", backend});
}

struct KeeperNote final : Note {
  std::shared_ptr<OfflineKeeper> keeper;
  KeeperNote() = default;
  KeeperNote(const KeeperNote&) = delete;
  KeeperNote& operator=(const KeeperNote&) = delete;
  ~KeeperNote() override {
    if (keeper) keeper->close();
  }
};

}  // namespace

OfflineKeeper& OfflineKeeper::of(HostType& host, Backend backend) {
  auto& note = host.notes.get<KeeperNote>();
  if (!note.keeper) note.keeper = std::make_shared<OfflineKeeper>(host, backend);
  return *note.keeper;
}

OfflineKeeper::OfflineKeeper(HostType& host, Backend backend)
    : host_(host), store_(store_for(host, backend)), forget_at_(most_at_rest) {}

void OfflineKeeper::keep(EntryRef entry) {
  OfflineBox& box = box_of(entry->stanza.to.bare());
  box.stands_in_line(std::move(entry));
}

void OfflineKeeper::has_reader(const Session& session) { box_of(session.account->bare).has_reader(session); }

Task<> OfflineKeeper::has_waiting_reader(Jid who) {
  const std::vector<OfflineMessage> first = co_await store_->read_behind(who.bare(), 0, 1);
  const Session* const session = host_.hall.sessions.find_session(who);
  if (!first.empty() && session != nullptr) has_reader(*session);
}

void OfflineKeeper::reader_left(const Jid& user) {
  if (OfflineBox* const box = find(user)) box->reader_left();
}

Task<> OfflineKeeper::account_removed(Jid user) {
  if (OfflineBox* const box = find(user)) box->account_removed();
  co_await store_->remove_all(user);
}

void OfflineKeeper::let_go(const Jid& owner, std::uint64_t number, bool taken) noexcept {
  if (closed_) return;
  if (OfflineBox* const box = find(owner.bare())) box->let_go(number, taken);
}

void OfflineKeeper::close() noexcept {
  closed_ = true;
  remove_again_.cancel();
  std::size_t lost = 0;
  for (const auto& [user, box] : boxes_) lost += box->in_line();
  if (lost > 0) log_error("offline_messages_lost", {{"host", host_.name}, {"messages", lost}});
  boxes_.clear();
}

OfflineTime OfflineKeeper::now() const {
  const auto since_1970 = host_.hall.worker.clock().wall().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count();
}

std::optional<std::uint64_t> OfflineKeeper::limit_of(const Jid& user) const {
  const auto number = host_.access->number(rule_, user);
  if (!number) return std::nullopt;  // "infinity", or nothing is said
  return static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0));
}

bool OfflineKeeper::has_space_for(std::size_t bytes) const { return line_bytes_ + bytes <= most_bytes; }

OfflineBox* OfflineKeeper::find(const Jid& user) {
  const auto found = boxes_.find(user);
  return found == boxes_.end() ? nullptr : found->second.get();
}

OfflineBox& OfflineKeeper::box_of(const Jid& user) {
  if (OfflineBox* const known = find(user)) return *known;
  if (boxes_.size() >= forget_at_) forget_those_who_rest();
  return *boxes_.emplace(user, std::make_unique<OfflineBox>(*this, user)).first->second;
}

void OfflineKeeper::forget_those_who_rest() {
  std::erase_if(boxes_, [](const auto& box) { return box.second->rests(); });
  // So that those who are busy are not looked through for each new one.
  forget_at_ = std::max(most_at_rest, 2 * boxes_.size());
}

void OfflineKeeper::remove(OfflineName message) {
  going_.push_back(std::move(message));
  start_removing();
}

void OfflineKeeper::start_removing() {
  if (removing_ || closed_ || remove_again_.is_set()) return;
  removing_ = true;
  host_.hall.scope.spawn(remove_going(shared_from_this()));
}

// All that was taken in one turn, and while the last ones were being removed, goes at once.
Task<> OfflineKeeper::remove_going([[maybe_unused]] std::shared_ptr<OfflineKeeper> alive) {
  co_await next_turn();
  while (!going_.empty() && !closed_) {
    const std::vector<OfflineName> now_going = std::exchange(going_, {});
    for (const OfflineName& name : now_going) find(name.user)->is_going();
    bool gone = true;
    try {
      co_await store_->remove(now_going);
      worked();
    } catch (const std::exception& failure) {
      this->failed(failure);
      gone = false;
    }
    if (closed_) co_return;
    for (const OfflineName& name : now_going) {
      OfflineBox& box = *find(name.user);
      if (gone)
        box.has_gone(name.number);
      else
        box.goes_later();
    }
    if (gone) continue;
    going_.insert(going_.begin(), now_going.begin(), now_going.end());
    remove_again_.set(
        host_.hall.worker.timers(), try_again_after,
        [](void* self) { static_cast<OfflineKeeper*>(self)->start_removing(); }, this);
    break;
  }
  removing_ = false;
}

void OfflineKeeper::failed(const std::exception& failure) {
  if (trouble_.begins())
    log_error("offline_store_unavailable",
              {{"host", host_.name},
               {"error", failure.what()},
               {"now", "senders are told; what a broken connection gave back is kept in memory and tried again"}});
}

void OfflineKeeper::worked() {
  if (const auto failures = trouble_.ends())
    log_notice("offline_store_available", {{"host", host_.name}, {"failures", *failures}});
}

}  // namespace meerkat
