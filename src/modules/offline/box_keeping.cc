// SPDX-License-Identifier: Apache-2.0
// From the line into the store.
#include "core/hall.h"
#include "core/host_counts.h"
#include "modules/offline/box.h"
#include "modules/offline/keeper.h"
#include "modules/offline/offline_events.h"
#include "modules/offline/worth.h"
#include "modules/roster/roster_events.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

// Written with one statement each, in one transaction: other writers wait for it.
constexpr std::size_t most_at_once = 100;
constexpr std::size_t most_bytes_at_once = 512 * 1024;
// How long an account that was full is taken for full without asking the store whether something has expired.
constexpr auto stays_full = 60s;

// XEP-0022 §3.1: a request that the server has answered does not reach the client.
void take_out_answered_request(std::string& packet, const xml::Element& message) {
  if (!asks_for_offline_event(message)) return;
  const auto event = message.child("x", ns::message_event);
  const auto request = event->child("offline", ns::message_event);
  const std::size_t at = packet.find(event->raw());
  if (at != packet.npos) packet.erase(at + (request->offset() - event->offset()), request->raw().size());
}

NewOfflineMessage row_of(const DeliveryEntry& entry) {
  // The upper bits of its number are the time at which it came.
  const auto came = static_cast<OfflineTime>(entry.id >> 8);
  NewOfflineMessage row{.came = came, .useless_from = {}, .from = std::string{entry.stanza.from.text()}, .packet = {}};
  if (const auto useful = useful_for(entry.stanza.element()))
    row.useless_from = came + std::chrono::microseconds{*useful}.count();
  append_stanza_alone(row.packet, entry.stanza);
  take_out_answered_request(row.packet, entry.stanza.element());
  return row;
}

// XEP-0022 §2.1. That its recipient is offline concerns nobody but those who may see that anyway.
Task<> tell_sender(HostType& host, EntryRef kept) {
  const Jid sender = kept->stanza.from;
  const Jid user = kept->stanza.to.bare();
  const auto contacts = co_await contacts_of(host, user);
  const auto* const contact = contacts ? contacts->find(sender.bare()) : nullptr;
  const bool may_know = sender.same_bare(user) || (contact != nullptr && is_seen(contact->subscription));
  if (may_know) host.hall.router.route(offline_event(kept->stanza));
}

}  // namespace

Task<> OfflineBox::keep_some() {
  send_those_to_bound_devices();
  if (line_.empty()) co_return;
  const std::uint32_t removals = removals_;
  try {
    const bool exists = co_await account_exists();
    if (removals != removals_ || !exists) {
      exists_ = false;
      co_return refuse_line(StanzaError::service_unavailable());
    }
    if (is_known_to_be_full()) co_return were_kept(line_.size(), 0);
    std::vector<NewOfflineMessage> messages = next_to_keep();
    const std::size_t tried = messages.size();
    const std::uint64_t taken_before = taken_so_far_;
    const OfflineAppended outcome = co_await keeper_.store().append(user_, std::move(messages), room());
    worked();
    // Whoever gets that name next shall not find them.
    if (removals != removals_) co_return co_await keeper_.store().remove_all(user_);
    if (outcome.there)
      there_ = *outcome.there - std::min(*outcome.there, taken_so_far_ - taken_before);
    else if (there_)
      *there_ += outcome.kept;
    if (outcome.kept < tried) full_until_ = keeper_.host().hall.worker.clock().steady() + stays_full;
    were_kept(tried, outcome.kept);
  } catch (const std::exception& failure) {
    failed(failure);
  }
}

Task<bool> OfflineBox::account_exists() {
  if (!exists_) {
    const HostType& host = keeper_.host();
    exists_ = co_await host.counts->does_user_exist(host.accounts.exists(user_));
  }
  co_return exists_;
}

// A session that does not take messages for the account still gets those for itself.
void OfflineBox::send_those_to_bound_devices() {
  HostType& host = keeper_.host();
  const auto is_bound = [&](const EntryRef& entry) {
    if (entry->given_back || !entry->stanza.to.is_full()) return false;
    const Session* const device = host.hall.sessions.find_session(entry->stanza.to);
    return device != nullptr && !device->takes_messages();
  };
  for (std::size_t left = line_.size(); left > 0; --left) {
    EntryRef entry = next_in_line();
    if (is_bound(entry)) {
      host.hall.router.go_on(host, entry);
      continue;
    }
    line_bytes_ += entry->stanza.body->footprint();
    keeper_.line_grew(entry->stanza.body->footprint());
    line_.push_back(std::move(entry));
  }
}

std::vector<NewOfflineMessage> OfflineBox::next_to_keep() const {
  std::vector<NewOfflineMessage> rows;
  std::size_t bytes = 0;
  for (const EntryRef& entry : line_) {
    bytes += entry->stanza.body->size();
    if (!rows.empty() && bytes > most_bytes_at_once) break;
    rows.push_back(row_of(*entry));
    if (rows.size() == most_at_once) break;
  }
  return rows;
}

std::optional<OfflineRoom> OfflineBox::room() const {
  const auto most = keeper_.limit_of(user_);
  if (!most) return std::nullopt;
  return OfflineRoom{.most = *most, .there = there_, .going = going_, .now = keeper_.now()};
}

bool OfflineBox::is_known_to_be_full() const {
  const auto most = keeper_.limit_of(user_);
  return most && there_ && *there_ >= *most && keeper_.host().hall.worker.clock().steady() < full_until_;
}

void OfflineBox::were_kept(std::size_t tried, std::size_t kept) {
  HostType& host = keeper_.host();
  if (kept > 0) may_have_rows_ = true;
  for (std::size_t i = 0; i < tried; ++i) {
    EntryRef entry = next_in_line();
    if (i >= kept) {
      // XEP-0160 §2 says which error; the words are those that MongooseIM's clients know.
      host.hall.router.refuse(entry->stanza,
                              StanzaError::service_unavailable(
                                  "Your contact offline message queue is full. The message has been discarded."));
      continue;
    }
    if (asks_for_offline_event(entry->stanza.element())) host.hall.scope.spawn(tell_sender(host, entry));
    host.hall.fire(MessageKept{host, std::move(entry)});
  }
}

}  // namespace meerkat
