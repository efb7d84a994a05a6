// SPDX-License-Identifier: Apache-2.0
#include "core/delivery_log.h"

#include <algorithm>
#include <chrono>

namespace meerkat {

std::string external_form(EntryId id) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  char text[13];  // five bits each
  char* const end = text + sizeof text;
  char* begin = end;
  do {
    *--begin = digits[id % digits.size()];
    id /= digits.size();
  } while (id != 0);
  return {begin, end};
}

EntryId DeliveryLog::next_id() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(clock_.wall().time_since_epoch());
  last_id_ = std::max(static_cast<EntryId>(now.count()) << 8, last_id_ + (1 << 8));
  return last_id_;
}

void InFlight::alive() {
  if (written_ == 0) return;
  for (std::uint32_t i = 0; i < written_; ++i) {
    DeliveryEntry& entry = *entries_[i].entry;
    bytes_ -= entry.stanza.body->footprint();
    // Who sees a copy of what another session sent has taken nothing that was meant for the account.
    if (entries_[i].form != Form::sent_copy) entry.taken = true;
  }
  if (written_ == entries_.size()) {
    // An idle session keeps no room for what it was sent long ago.
    if (entries_.capacity() > 8)
      entries_ = {};
    else
      entries_.clear();
  } else {
    entries_.erase(entries_.begin(), entries_.begin() + written_);
  }
  written_ = 0;
}

void InFlight::handled(std::uint32_t h) {
  std::size_t written_left = 0;
  std::vector<SentEntry> rest;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    SentEntry& sent = entries_[i];
    // Modulo 2^32: what is behind `h` lies in the half that follows it.
    if (sent.number != 0 && h - sent.number < UINT32_MAX / 2) {
      bytes_ -= sent.entry->stanza.body->footprint();
      if (sent.form != Form::sent_copy) sent.entry->taken = true;
      continue;
    }
    if (i < written_) ++written_left;
    rest.push_back(std::move(sent));
  }
  entries_ = std::move(rest);
  written_ = static_cast<std::uint32_t>(written_left);
}

std::vector<SentEntry> InFlight::give_back() {
  std::vector<SentEntry> rest;
  for (SentEntry& sent : entries_)
    if (!sent.entry->taken) rest.push_back(std::move(sent));
  entries_ = {};
  bytes_ = 0;
  written_ = 0;
  return rest;
}

}  // namespace meerkat
