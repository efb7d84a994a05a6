// SPDX-License-Identifier: Apache-2.0
// A stanza whose sender's hooks are being asked: it must stay in its place until the last has answered.
#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include "base/slab.h"
#include "core/events/routing_events.h"

namespace meerkat {

template <class Event>
struct Departure {
  Departure(HostType& host, Session& sender, Stanza stanza)
      : context{std::move(stanza), host, sender}, event{context} {}
  StanzaContext context;
  Event event;
};

template <class Event>
struct DepartureEnd {
  Slab<Departure<Event>>* slab = nullptr;
  void operator()(Departure<Event>* departure) const noexcept { slab->free(departure); }
};
template <class Event>
using DeparturePtr = std::unique_ptr<Departure<Event>, DepartureEnd<Event>>;

// Of one worker. Every stanza has a departure once a module listens, so they are not made by the general allocator.
class Departures {
 public:
  template <class Event>
  DeparturePtr<Event> make(HostType& host, Session& sender, Stanza stanza) {
    auto& slab = std::get<Slab<Departure<Event>>>(slabs_);
    return {slab.make(host, sender, std::move(stanza)), DepartureEnd<Event>{&slab}};
  }

 private:
  std::tuple<Slab<Departure<UserSendsMessage>>, Slab<Departure<UserSendsPresence>>, Slab<Departure<UserSendsIq>>>
      slabs_;
};

}  // namespace meerkat
