// SPDX-License-Identifier: Apache-2.0
#include "core/session.h"

#include <algorithm>
#include <utility>

#include "core/detached_session.h"
#include "core/stream_management.h"

namespace meerkat {

Session::Session(Jid full, HostType& host_type, SessionStream& its_stream)
    : jid(std::move(full)), host(host_type), stream(&its_stream) {}

Session::~Session() = default;

bool Session::connected() const { return !management || !management->detached; }

std::size_t Session::unread() const {
  const std::size_t waiting = stream->waiting();
  return management ? std::max(waiting, management->bytes()) : waiting;
}

void Session::Directed::forget(const Jid& who) {
  const auto which = std::ranges::find(to, who);
  if (which == to.end()) return;
  bytes -= which->text().size();
  to.erase(which);
}

}  // namespace meerkat
