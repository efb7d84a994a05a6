// SPDX-License-Identifier: Apache-2.0
#include "core/arrivals.h"

#include <utility>

namespace meerkat {

Arrivals::Place::Place(HostType& host, Jid user) : all_(Arrivals::of(host)), user_(std::move(user)) {
  all_.places_.insert(this);
}

Arrivals::Place::~Place() { all_.places_.erase(this); }

void Arrivals::turn_away(const Jid& user) {
  for (Place* const place : places_)
    if (place->user_.same_bare(user)) place->void_ = true;
}

}  // namespace meerkat
