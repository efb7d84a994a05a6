// SPDX-License-Identifier: Apache-2.0
#include "core/stream_management.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "core/detached_session.h"
#include "core/hall.h"

namespace meerkat {
namespace {

// An idle session keeps no more room than this for what it was sent long ago.
constexpr std::size_t usual_room = 8;
// How far back an older presence is looked for.
constexpr std::size_t most_looked_through = 256;

// Whether somebody is there, and nothing else: in a room it also tells what happened (XEP-0045).
bool tells_presence(const Stanza& stanza) {
  return stanza.kind == StanzaKind::presence &&
         (stanza.type == StanzaType::available || stanza.type == StanzaType::unavailable) &&
         !stanza.element().child("x", ns::muc_user);
}

}  // namespace

StreamManagement::StreamManagement(Session& session, std::shared_ptr<const StreamManagementOptions> options,
                                   std::string id, std::chrono::seconds resume_within)
    : session_(session), options_(std::move(options)), id_(std::move(id)), resume_within_(resume_within) {}

StreamManagement::~StreamManagement() = default;

void StreamManagement::sent(EntryRef entry, Form form) {
  if (detached && tells_presence(entry->stanza)) forget_older(entry->stanza);
  push(std::move(entry), form);
  ++sent_;
  if (is_over_limit()) watch_limit();
}

void StreamManagement::forget_older(const Stanza& presence) {
  const std::size_t from = std::max(waits_from_, queue_.size() - std::min(queue_.size(), most_looked_through));
  for (std::size_t i = from; i < queue_.size(); ++i) {
    const Stanza& older = queue_[i].entry->stanza;
    if (!tells_presence(older) || older.from != presence.from || older.to != presence.to) continue;
    bytes_ -= older.body->footprint();
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    --sent_;
    return;
  }
}

void StreamManagement::push(EntryRef entry, Form form) {
  bytes_ += entry->stanza.body->footprint();
  queue_.push_back({std::move(entry), form});
}

void StreamManagement::put_first(std::vector<SentEntry> older) {
  for (const SentEntry& sent : older) bytes_ += sent.entry->stanza.body->footprint();
  sent_ += static_cast<std::uint32_t>(older.size());
  queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(first_), std::make_move_iterator(older.begin()),
                std::make_move_iterator(older.end()));
}

void StreamManagement::client_is_back() {
  limit_timer_.cancel();
  if (is_over_limit()) watch_limit();
}

void StreamManagement::restore(const Past& past) {
  handled_ = past.handled;
  sent_ = past.sent;
  acknowledged_ = past.acknowledged;
}

void StreamManagement::remember(EntryRef entry, Form form) {
  push(std::move(entry), form);
  // It may have been on its way.
  client_left();
}

bool StreamManagement::acknowledged(std::uint32_t h) {
  const std::uint32_t more = h - acknowledged_;
  if (more > sent_ - acknowledged_) return false;
  acknowledged_ = h;
  if (keeps()) forget_first(std::min<std::size_t>(more, queue_.size() - first_));
  if (limit_timer_.is_set() && !is_over_limit()) limit_timer_.cancel();
  return true;
}

void StreamManagement::forget_first(std::size_t count) {
  for (; count > 0; --count) {
    SentEntry sent = std::move(queue_[first_++]);
    bytes_ -= sent.entry->stanza.body->footprint();
    // Who sees a copy of what another session sent has taken nothing that was meant for the account.
    if (sent.form != Form::sent_copy) sent.entry->taken = true;
  }
  if (first_ == queue_.size()) {
    if (queue_.capacity() > usual_room)
      queue_ = {};
    else
      queue_.clear();
    first_ = 0;
  } else if (first_ >= queue_.size() / 2) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

std::vector<SentEntry> StreamManagement::give_back() {
  limit_timer_.cancel();
  std::vector<SentEntry> rest;
  for (std::size_t i = first_; i < queue_.size(); ++i) rest.push_back(std::move(queue_[i]));
  queue_ = {};
  first_ = 0;
  bytes_ = 0;
  return rest;
}

bool StreamManagement::is_over_limit() const {
  return bytes_ > most_bytes || unacknowledged().size() > options_->buffer_max.most().value_or(UINT64_MAX);
}

// A flood of bytes gets no grace: it ends as soon as nobody is in the middle of sending it more.
void StreamManagement::watch_limit() {
  const bool flood = bytes_ > most_bytes;
  if (limit_timer_.is_set() && !flood) return;
  acknowledged_at_limit_ = acknowledged_;
  limit_timer_.set(
      session_.host.hall.worker.timers(), flood ? std::chrono::seconds{0} : grace,
      [](void* self) { static_cast<StreamManagement*>(self)->still_over_limit(); }, this);
}

// Who acknowledges is served on, however long it takes.
void StreamManagement::still_over_limit() {
  if (!is_over_limit()) return;
  if (bytes_ <= most_bytes && acknowledged_ != acknowledged_at_limit_) return watch_limit();
  session_.host.hall.resumptions.count(Resumption::buffer_exceeded);
  log_info("too_many_unacknowledged",
           {{"session", session_.jid.text()}, {"stanzas", unacknowledged().size()}, {"bytes", bytes_}});
  session_.stream->end_with(StreamError::resource_constraint("Too many unacknowledged stanzas"));
}

}  // namespace meerkat
