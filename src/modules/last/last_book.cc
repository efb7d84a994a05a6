// SPDX-License-Identifier: Apache-2.0
#include "modules/last/last_book.h"

#include <chrono>
#include <exception>
#include <utility>

#include "base/log.h"
#include "core/hall.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr auto until_next_try = 1s;
constexpr auto look_interval = 20ms;

struct LastBookPlace final : Note {
  std::unique_ptr<LastBook> book;
};

}  // namespace

LastBook::LastBook(HostType& host, Backend backend)
    : host_(host),
      store_(make_last_store(database_of(host, backend))),
      calls_({host, "mod_last", backend}),
      marks_(host, *this) {}

LastBook& LastBook::of(HostType& host, Backend backend) {
  auto& place = host.notes.get<LastBookPlace>();
  if (!place.book) place.book = std::make_unique<LastBook>(host, backend);
  return *place.book;
}

LastBook* LastBook::find(const HostType& host) {
  const auto* const place = host.notes.find<LastBookPlace>();
  return place != nullptr && host.has_module("mod_last") ? place->book.get() : nullptr;
}

Task<std::optional<LastActivity>> LastBook::get(Jid user) {
  if (const auto told = told_.find(user); told != told_.end()) co_return told->second.last;
  auto last = co_await calls_.get_last(store_->get_last(user));
  co_return last;
}

void LastBook::note(const Jid& user, std::optional<LastActivity> last) {
  if (told_.size() >= most_waiting && !told_.contains(user)) {
    if (lost_++ == 0)
      log_error("last_activity_lost", {{"host", host_.name}, {"because", "too many wait for the database"}});
    return;
  }
  told_.insert_or_assign(user, Told{std::move(last), ++number_});
  if (handing_over_) return;
  handing_over_ = true;
  host_.hall.scope.spawn(hand_over());
}

// With room in the queue this does not wait at all.
Task<> LastBook::hand_over() {
  while (!told_.empty()) {
    const auto& [first, told] = *told_.begin();
    const Jid user = first;
    const std::uint64_t number = told.number;
    std::optional<LastActivity> last = told.last;
    const bool done = co_await hand_over(user, std::move(last));
    if (!done) {
      co_await sleep_for(until_next_try);
      continue;
    }
    if (const auto now = told_.find(user); now != told_.end() && now->second.number == number) told_.erase(now);
  }
  if (lost_ > 0) log_error("last_activity_lost", {{"host", host_.name}, {"accounts", std::exchange(lost_, 0)}});
  handing_over_ = false;
}

// False: to be tried again.
Task<bool> LastBook::hand_over(const Jid& user, std::optional<LastActivity> last) {
  try {
    if (last)
      co_await calls_.set_last_info(store_->set_last_info(user, std::move(*last)));
    else
      co_await store_->remove(user);
  } catch (const sql::Unavailable&) {
    co_return false;  // the database has said so itself
  } catch (const std::exception& failure) {
    log_error("last_activity_lost", {{"user", user.text()}, {"error", failure.what()}});
  }
  co_return true;
}

Task<> LastBook::settle() {
  while (handing_over_) co_await sleep_for(look_interval);
}

}  // namespace meerkat
