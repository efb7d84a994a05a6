// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/roster_cache.h"

#include <iterator>
#include <utility>

namespace meerkat {
namespace {

// Of an entry beside the roster: the nodes of list and table.
constexpr std::size_t overhead = 160;

}  // namespace

const RosterState* RosterCache::find(const Jid& user, SteadyTime now) {
  const auto place = places_.find(user);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  place->second->used = now;
  return &place->second->roster;
}

void RosterCache::put(const Jid& user, RosterState roster, SteadyTime now) {
  drop(user);
  const std::size_t bytes = overhead + roster.contacts->footprint() + roster.version.size();
  entries_.push_front({user, std::move(roster), now, bytes});
  places_.emplace(user, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > most_bytes) erase(std::prev(entries_.end()));
}

void RosterCache::drop(const Jid& user) {
  const auto place = places_.find(user);
  if (place != places_.end()) erase(place->second);
}

void RosterCache::drop_idle(SteadyTime now) {
  while (!entries_.empty() && now - entries_.back().used >= kept_for) erase(std::prev(entries_.end()));
  // The table keeps the room of its best days otherwise.
  if (places_.empty()) places_ = {};
}

void RosterCache::erase(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  places_.erase(entry->user);
  entries_.erase(entry);
}

}  // namespace meerkat
