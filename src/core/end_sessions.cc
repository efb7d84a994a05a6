// SPDX-License-Identifier: Apache-2.0
#include "core/end_sessions.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "core/hall.h"
#include "core/stream_management.h"

namespace meerkat {

std::size_t end_sessions(Hall& home, const Jid& who, const StreamError& error, const Jid& but) {
  const Account* const account = home.sessions.find(who);
  if (account == nullptr) return 0;
  std::vector<Jid> addresses;
  for (const Session* one = account->first; one != nullptr; one = one->next_of_account)
    if ((who.is_bare() || one->jid == who) && one->jid != but) addresses.push_back(one->jid);
  // The end of one session may bring others to an end, so each is looked up again.
  std::size_t ended = 0;
  for (const Jid& address : addresses) {
    Session* const session = home.sessions.find_session(address);
    if (session == nullptr) continue;
    session->stream->end_with(error);
    ++ended;
  }
  return ended;
}

std::size_t end_detached_sessions(Hall& home) {
  std::vector<Jid> addresses;
  home.sessions.for_each([&addresses](const Session& session) {
    if (!session.connected()) addresses.push_back(session.jid);
  });
  for (const Jid& address : addresses) end_sessions(home, address, StreamError::reset("Nobody has resumed it"));
  return addresses.size();
}

std::size_t end_largest_detached_sessions(Hall& home, std::uint64_t bytes) {
  constexpr std::size_t little = 64 * 1024;
  std::vector<std::pair<std::size_t, Jid>> large;
  home.sessions.for_each([&large](const Session& session) {
    if (!session.connected() && session.management->bytes() >= little)
      large.emplace_back(session.management->bytes(), session.jid);
  });
  std::ranges::sort(large, std::greater{}, [](const auto& each) { return each.first; });
  std::uint64_t freed = 0;
  std::size_t ended = 0;
  for (const auto& [size, address] : large) {
    if (freed >= bytes) break;
    freed += size;
    ended += end_sessions(home, address, StreamError::resource_constraint("The server is short of memory"));
  }
  return ended;
}

}  // namespace meerkat
