// SPDX-License-Identifier: Apache-2.0
// Those who have proven to be an account and have no session yet.
#pragma once

#include <unordered_set>

#include "core/host_type.h"
#include "core/notes.h"

namespace meerkat {

// Of one host type on one worker.
class Arrivals final : public Note {
 public:
  static Arrivals& of(HostType& host) { return host.notes.get<Arrivals>(); }

  // From the arrival at the home of the account until there is a session or none will be; on that worker.
  class Place {
   public:
    Place(HostType& host, Jid user);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // The account is not any more what it was: somebody else may have its name by now.
    bool is_void() const { return void_; }

   private:
    friend class Arrivals;
    Arrivals& all_;
    const Jid user_;
    bool void_ = false;
  };

  // The account has ended: none of these may have a session, though the next owner of the name may.
  void turn_away(const Jid& user);

 private:
  std::unordered_set<Place*> places_;
};

}  // namespace meerkat
