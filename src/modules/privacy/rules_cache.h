// SPDX-License-Identifier: Apache-2.0
// The default lists of accounts that were asked for lately, also that there is none, so that a stanza for somebody who
// is away needs no query. Bounded in bytes.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>

#include "modules/privacy/rules.h"

namespace meerkat {

// Of one host type on one worker. Users are bare addresses.
class RulesCache {
 public:
  static constexpr std::size_t most_bytes = std::size_t{4} << 20;

  // Null when it is not known; else the rules, which are null when there are none. Valid until the cache changes.
  const RulesPtr* find(const Jid& user);
  void put(const Jid& user, RulesPtr rules);
  void drop(const Jid& user);
  void clear();

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return places_.size(); }

 private:
  struct Entry {
    Jid user;
    RulesPtr rules;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;
  void erase(Entries::iterator entry);

  Entries entries_;  // used last: first
  std::unordered_map<Jid, Entries::iterator, JidHash, JidEqual> places_;
  std::size_t bytes_ = 0;
};

}  // namespace meerkat
