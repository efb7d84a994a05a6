// SPDX-License-Identifier: Apache-2.0
#include "modules/last/online_marks.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "core/hall.h"
#include "modules/last/last_book.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr sql::Upsert save_mark{"last_mark", "last_online", "server, username", ""};
constexpr sql::Query<std::tuple<std::string>, std::string_view, std::string_view, std::uint64_t> find_marks{
    "last_marks", "SELECT username FROM last_online WHERE server = ? AND username > ? ORDER BY username LIMIT ?"};
constexpr sql::Upsert save_alive{"last_save_alive", "last_alive", "server", "seconds"};
constexpr sql::Query<std::tuple<std::int64_t>, std::string_view> find_alive{
    "last_alive", "SELECT seconds FROM last_alive WHERE server = ?"};

constexpr std::uint64_t marks_at_once = 1000;
constexpr std::size_t written_at_once = 500;
// In one turn of the worker: others want to be served.
constexpr std::size_t removed_at_once = 200;
// By so much the time of a crash may be too early.
constexpr auto between_beats = 30s;
constexpr auto first_beat = 1s;
constexpr auto first_beat_after_others = 10s;  // when all workers have read the one before
constexpr auto between_sweeps = 5s;
constexpr auto until_next_try = 5s;
// Who left so shortly before the last beat may still have had his mark.
constexpr std::int64_t mark_outlasts = 10;

}  // namespace

OnlineMarks::OnlineMarks(HostType& host, LastBook& book) : host_(host), book_(book), database_(*host.hall.database) {}

void OnlineMarks::is_here(const Jid& user) {
  left_.erase(user);
  if (repairing_) came_.insert(user);
  host_.hall.scope.spawn(mark(user, true));
}

void OnlineMarks::has_left(const Jid& user) {
  left_.insert(user);
  sweep_later();
}

// What cannot be written is no worse than a crash in the same moment.
Task<> OnlineMarks::mark(Jid user, bool is_online) {
  try {
    if (is_online)
      co_await database_.upsert_behind(save_mark, sql::key(user.domain(), user.node()), {}, sql::Until::gathered);
    else
      co_await database_.remove_behind(save_mark, sql::key(user.domain(), user.node()), sql::Until::gathered);
  } catch (const sql::Unavailable& failure) {
    log_debug("last_mark_not_written", {{"user", user.text()}, {"error", failure.what()}});
  }
}

void OnlineMarks::sweep_later() {
  if (sweeping_ || sweep_.is_set()) return;
  sweep_.set(
      host_.hall.worker.timers(), between_sweeps,
      [](void* self) {
        auto& marks = *static_cast<OnlineMarks*>(self);
        marks.host_.hall.scope.spawn(marks.sweep());
      },
      this);
}

Task<> OnlineMarks::sweep() {
  sweeping_ = true;
  try {
    co_await sweep_once();
  } catch (const std::exception& failure) {
    log_error("last_marks_not_swept", {{"host", host_.name}, {"error", failure.what()}});
  }
  sweeping_ = false;
  if (!left_.empty()) sweep_later();
}

// False: their times are not written yet.
Task<bool> OnlineMarks::sweep_once() {
  if (left_.empty()) co_return true;
  if (!book_.has_settled()) co_return false;
  const std::vector<Jid> users{left_.begin(), left_.end()};
  try {
    co_await book_.store().settle();
  } catch (const sql::Unavailable&) {
    co_return false;  // the database has said so itself
  }
  std::size_t done = 0;
  for (const Jid& user : users) {
    if (left_.erase(user) == 1) co_await mark(user, false);
    if (++done % removed_at_once == 0) co_await next_turn();
  }
  co_return true;
}

// One worker speaks for all.
void OnlineMarks::beat_after(std::chrono::milliseconds time) {
  if (host_.hall.worker.index() != 0) return;
  const auto beat = [](void* self) {
    auto& marks = *static_cast<OnlineMarks*>(self);
    marks.host_.hall.scope.spawn(marks.write_beat());
    marks.beat_after(between_beats);
  };
  beat_.set(host_.hall.worker.timers(), time, beat, this);
}

Task<> OnlineMarks::write_beat() {
  const std::int64_t now = seconds_of(host_.hall.worker.clock().wall());
  try {
    co_await database_.upsert_behind(save_alive, sql::key(host_.name), sql::values(now), sql::Until::gathered);
  } catch (const sql::Unavailable& failure) {
    log_debug("last_beat_not_written", {{"host", host_.name}, {"error", failure.what()}});
  }
}

Task<> OnlineMarks::repair() {
  beat_after(first_beat_after_others);
  try {
    const auto alive = co_await database_.one(find_alive, host_.name);
    if (!alive) {
      beat_after(first_beat);
      co_return;
    }
    std::vector<Jid> lost = co_await find_lost();
    if (lost.empty()) co_return;
    repairing_ = true;
    host_.hall.scope.spawn(write_lost(std::move(lost), std::get<0>(*alive)));
  } catch (const sql::Unavailable& failure) {
    log_error("last_activity_not_repaired",
              {{"host", host_.name}, {"error", failure.what()}, {"now", "the next start tries again"}});
  }
}

// Those of this worker.
Task<std::vector<Jid>> OnlineMarks::find_lost() {
  std::vector<Jid> lost;
  std::string last;
  for (;;) {
    const auto rows = co_await database_.all(find_marks, host_.name, last, marks_at_once);
    for (const auto& [name] : rows) {
      last = name;
      const auto user = Jid::make(name, host_.name);
      if (!user || &host_.hall.at_home_of(*user) != &host_.hall) continue;
      if (host_.hall.sessions.find(*user) == nullptr) lost.push_back(*user);
    }
    if (rows.size() < marks_at_once) co_return lost;
  }
}

Task<> OnlineMarks::write_lost(std::vector<Jid> users, std::int64_t alive) {
  std::size_t written = 0;
  while (!users.empty()) {
    bool failed = false;
    try {
      written += co_await write_some(users, alive);
    } catch (const sql::Unavailable&) {
      failed = true;  // the database has said so itself
    } catch (const std::exception& failure) {
      log_error("last_activity_not_repaired", {{"host", host_.name}, {"error", failure.what()}});
      break;
    }
    if (failed) co_await sleep_for(until_next_try);
  }
  repairing_ = false;
  came_.clear();
  if (users.empty()) log_notice("last_activity_repaired", {{"host", host_.name}, {"accounts", written}});
}

// Takes those it has written from the end of `users`; says how many were lost indeed.
Task<std::size_t> OnlineMarks::write_some(std::vector<Jid>& users, std::int64_t alive) {
  // They had left before the end, though their marks were still there.
  const auto names = co_await book_.store().names_from(host_.name, alive - mark_outlasts);
  const std::unordered_set<std::string_view> known{names.begin(), names.end()};
  const std::size_t begin = users.size() - std::min(users.size(), written_at_once);
  std::vector<Jid> lost;
  for (std::size_t i = begin; i < users.size(); ++i) {
    const Jid& user = users[i];
    const bool is_here = host_.hall.sessions.find(user) != nullptr || came_.contains(user);
    if (!is_here && !known.contains(user.node())) lost.push_back(user);
  }
  for (const Jid& user : lost) co_await book_.clean_up(user, alive);
  co_await book_.store().settle();
  for (std::size_t i = begin; i < users.size(); ++i)
    if (host_.hall.sessions.find(users[i]) == nullptr && !came_.contains(users[i])) co_await mark(users[i], false);
  users.resize(begin);
  co_return lost.size();
}

Task<> OnlineMarks::close() {
  sweep_.cancel();
  beat_.cancel();
  [[maybe_unused]] const bool swept = co_await sweep_once();
  if (host_.hall.worker.index() == 0) co_await write_beat();
}

}  // namespace meerkat
