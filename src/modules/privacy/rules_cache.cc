// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/rules_cache.h"

#include <iterator>
#include <utility>

namespace meerkat {
namespace {

// Of an entry beside its rules: the nodes of list and table, and the address.
constexpr std::size_t overhead = 240;

}  // namespace

const RulesPtr* RulesCache::find(const Jid& user) {
  const auto place = places_.find(user.bare_text());
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return &place->second->rules;
}

void RulesCache::put(const Jid& user, RulesPtr rules) {
  drop(user);
  const std::size_t bytes = overhead + (rules ? rules->footprint() : 0);
  entries_.push_front({user, std::move(rules), bytes});
  places_.emplace(user, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > most_bytes) erase(std::prev(entries_.end()));
}

void RulesCache::drop(const Jid& user) {
  const auto place = places_.find(user);
  if (place != places_.end()) erase(place->second);
}

void RulesCache::clear() {
  entries_.clear();
  places_ = {};
  bytes_ = 0;
}

void RulesCache::erase(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  places_.erase(entry->user);
  entries_.erase(entry);
}

}  // namespace meerkat
