// SPDX-License-Identifier: Apache-2.0
// Rosters that were asked for lately, so that a login needs one query. Bounded in bytes, and what nobody asked for in a
// minute is dropped: an idle session costs nothing here.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "modules/roster/contact_list.h"

namespace meerkat {

// A roster as it was at one moment.
struct RosterState {
  std::shared_ptr<const ContactList> contacts;
  std::string version;  // opaque; empty when nobody asks for versions
};

// Of one host type on one worker.
class RosterCache {
 public:
  static constexpr std::size_t most_bytes = std::size_t{8} << 20;
  static constexpr std::chrono::seconds kept_for{60};

  // Null when it is not here. Valid until the cache changes.
  const RosterState* find(const Jid& user, SteadyTime now);
  void put(const Jid& user, RosterState roster, SteadyTime now);
  void drop(const Jid& user);
  // Drops what nobody asked for since `kept_for`.
  void drop_idle(SteadyTime now);

  bool empty() const { return places_.empty(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Jid user;
    RosterState roster;
    SteadyTime used;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;
  void erase(Entries::iterator entry);

  Entries entries_;  // used last: first
  std::unordered_map<Jid, Entries::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace meerkat
