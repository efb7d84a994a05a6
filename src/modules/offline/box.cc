// SPDX-License-Identifier: Apache-2.0
#include "modules/offline/box.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/events/routing_events.h"
#include "core/hall.h"
#include "modules/offline/keeper.h"
#include "runtime/workers.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

// While a reader is there, the line waits in memory for the rows before it; a longer one goes behind them.
constexpr std::size_t long_line = 500;
constexpr std::size_t long_line_bytes = 1024 * 1024;
constexpr std::size_t most_in_line = 1000;
constexpr std::size_t most_in_line_bytes = 4 * 1024 * 1024;
// A reader who has so much unread gets no more rows for a moment.
constexpr std::size_t slow_from = 64 * 1024;
constexpr std::size_t unacknowledged_from = 1024 * 1024;
constexpr auto moment = 50ms;
constexpr auto longest_pause = 30s;

bool is_slow(const Session& reader) {
  return reader.stream->waiting() > slow_from || reader.unread() > unacknowledged_from;
}

}  // namespace

void OfflineBox::stands_in_line(EntryRef entry) {
  const std::size_t bytes = entry->stanza.body->footprint();
  if (line_.size() >= most_in_line || line_bytes_ + bytes > most_in_line_bytes || !keeper_.has_space_for(bytes))
    return keeper_.host().hall.router.refuse(
        entry->stanza, StanzaError::resource_constraint("Too many messages for this account wait to be kept."));
  // Its sender wants to know now whether it can be kept.
  if (!entry->given_back) database_is_away_ = false;
  line_bytes_ += bytes;
  keeper_.line_grew(bytes);
  line_.push_back(std::move(entry));
  if (!database_is_away_) start();
}

void OfflineBox::has_reader(const Session& session) {
  Session* const known = keeper_.host().hall.sessions.find_session(reader_);
  if (known == nullptr || !known->takes_messages() || !known->connected()) reader_ = session.jid;
  if (!has_nothing_to_send()) {
    // From the beginning: this session may let in what another did not.
    cursor_ = 0;
    left_some_ = false;
    may_have_rows_ = true;
  }
  database_is_away_ = false;
  if (may_have_rows_ || !line_.empty()) start();
  if (works_) be_backlog_of(true);
}

void OfflineBox::start() {
  if (works_) return;
  works_ = true;
  again_.cancel();
  keeper_.host().hall.scope.spawn(work(keeper_.shared_from_this()));
}

// What is looked up is looked up anew in each round: everything may have changed while something was awaited.
Task<> OfflineBox::work([[maybe_unused]] std::shared_ptr<OfflineKeeper> alive) {
  for (;;) {
    Session* const there = reader();
    be_backlog_of(there != nullptr);
    // What comes for a client that is away stays behind the rows that it has not seen, and both wait until it is back.
    waits_for_client_ = there != nullptr && !there->connected() && may_have_rows_;
    if (!database_is_away_ && !line_.empty() && (there == nullptr || line_is_long() || waits_for_client_)) {
      co_await keep_some();
    } else if (waits_for_client_) {
      works_ = false;
      co_return;
    } else if (there != nullptr && is_slow(*there)) {
      co_await sleep_for(moment);
    } else if (!database_is_away_ && there != nullptr && may_have_rows_) {
      co_await send_some();
    } else if (there != nullptr && !line_.empty()) {
      let_line_go_on();
    } else {
      break;
    }
  }
  works_ = false;
  be_backlog_of(false);
}

void OfflineBox::reader_left() {
  if (works_ || reader() != nullptr) return;
  waits_for_client_ = false;
  be_backlog_of(false);
}

// Who came first, as long as it takes messages; then whoever is there, and at last who is away and may come back.
Session* OfflineBox::reader() {
  const Account* const account = keeper_.host().hall.sessions.find(user_);
  if (Session* const first = SessionTable::session_of(account, reader_);
      first && first->takes_messages() && first->connected())
    return first;
  const auto is_better = [](const Session& one, const Session& other) {
    return std::pair{one.connected(), one.priority} > std::pair{other.connected(), other.priority};
  };
  Session* best = nullptr;
  for (Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (session->takes_messages() && (best == nullptr || is_better(*session, *best))) best = session;
  if (best != nullptr) reader_ = best->jid;
  return best;
}

// Without a reader, what is for a certain device goes straight to it, and the rest finds nobody.
void OfflineBox::be_backlog_of(bool there) {
  if (Account* const account = keeper_.host().hall.sessions.find(user_)) account->backlog = there ? this : nullptr;
}

bool OfflineBox::line_is_long() const { return line_.size() > long_line || line_bytes_ > long_line_bytes; }

EntryRef OfflineBox::next_in_line() {
  EntryRef next = std::move(line_.front());
  line_.pop_front();
  const std::size_t bytes = next->stanza.body->footprint();
  line_bytes_ -= bytes;
  keeper_.line_shrank(bytes);
  return next;
}

void OfflineBox::let_line_go_on() {
  for (std::size_t left = line_.size(); left > 0; --left) {
    const EntryRef entry = next_in_line();
    keeper_.host().hall.router.go_on(keeper_.host(), entry);
  }
}

void OfflineBox::refuse_line(const StanzaError& error) {
  for (std::size_t left = line_.size(); left > 0; --left) {
    const EntryRef entry = next_in_line();
    keeper_.host().hall.router.refuse(entry->stanza, error);
  }
}

void OfflineBox::has_gone(std::uint64_t number) {
  // What is being read may show it once more.
  if (reading_)
    gone_while_reading_.push_back(number);
  else
    out_.erase(number);
}

void OfflineBox::let_go(std::uint64_t number, bool taken) {
  --in_flight_;
  if (taken) return discard(number);
  out_.erase(number);
  freed_ = std::min(freed_.value_or(number), number);
  may_have_rows_ = true;
}

void OfflineBox::discard(std::uint64_t number) {
  ++going_;
  ++taken_so_far_;
  if (there_ && *there_ > 0) --*there_;
  keeper_.remove({user_, number});
}

void OfflineBox::account_removed() {
  ++removals_;
  exists_ = false;
  there_.reset();
  may_have_rows_ = false;
  refuse_line(StanzaError::service_unavailable());
}

// Fresh messages are answered for: their senders can do something about it. Who sent what a broken connection gave back
// believes that it arrived.
void OfflineBox::failed(const std::exception& failure) {
  keeper_.failed(failure);
  database_is_away_ = true;
  if (reader() == nullptr) {
    auto error = StanzaError::service_unavailable("The message cannot be stored now; try again later.");
    error.type = StanzaErrorType::wait;
    for (std::size_t left = line_.size(); left > 0; --left) {
      EntryRef entry = next_in_line();
      if (entry->given_back)
        stands_in_line(std::move(entry));
      else
        keeper_.host().hall.router.refuse(entry->stanza, error);
    }
  }
  pause_ = std::clamp<std::chrono::seconds>(2 * pause_, 1s, longest_pause);
  again_.set(
      keeper_.host().hall.worker.timers(), pause_,
      [](void* self) {
        auto& box = *static_cast<OfflineBox*>(self);
        box.database_is_away_ = false;
        box.start();
      },
      this);
}

void OfflineBox::worked() {
  pause_ = 0s;
  again_.cancel();
  keeper_.worked();
}

}  // namespace meerkat
