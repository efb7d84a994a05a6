// SPDX-License-Identifier: Apache-2.0
#include "core/account_end.h"

#include "core/arrivals.h"
#include "core/end_sessions.h"
#include "core/events/account_events.h"
#include "core/hall.h"
#include "core/host_counts.h"

namespace meerkat {
namespace {

StreamError removed() { return StreamError::not_authorized("The account was removed"); }

}  // namespace

Task<bool> end_account(HostType& host, Jid user, Jid asked_by) {
  Hall& hall = host.hall;
  Session* const asking = asked_by.empty() ? nullptr : hall.sessions.find_session(asked_by);
  // What its client says behind the request must not be kept for whoever gets the name.
  if (asking != nullptr) asking->stream->wait_for_answer();
  const bool was_there = co_await host.accounts.remove(user);
  if (!was_there) {
    if (Session* const still = hall.sessions.find_session(asked_by)) still->stream->go_on();
    co_return false;
  }
  host.counts->unregistered.add();
  Arrivals::of(host).turn_away(user);
  end_sessions(hall, user, removed(), asked_by);
  AccountRemoved event{host, user};
  [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  // In a turn of its own, so that the answer goes out first.
  if (asking != nullptr) hall.worker.call([&hall, asked_by] { end_sessions(hall, asked_by, removed()); });
  co_return true;
}

}  // namespace meerkat
