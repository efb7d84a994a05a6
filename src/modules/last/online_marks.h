// SPDX-License-Identifier: Apache-2.0
// Who is online here, in the embedded database whatever the backend: when the server dies, nobody says goodbye, and the
// next start finds here whose last activity was lost.
//
// A mark is made when somebody becomes available, and goes when the time at which he left is safely in its table. Both
// are gathered, so a crash loses the marks of a quarter of a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/host_type.h"
#include "runtime/task.h"
#include "runtime/timer.h"
#include "xmpp/jid.h"

namespace meerkat {

class LastBook;
namespace sql {
class Database;
}

// Part of the book of one worker. Users are bare addresses.
class OnlineMarks {
 public:
  OnlineMarks(HostType& host, LastBook& book);
  OnlineMarks(const OnlineMarks&) = delete;
  OnlineMarks& operator=(const OnlineMarks&) = delete;

  // None of the two waits.
  void is_here(const Jid& user);
  // The book knows when. The mark goes some seconds later.
  void has_left(const Jid& user);

  // The server has started: whoever has a mark and no session was lost with the server before. When that is read, the
  // answer is there; the table follows, when its database is there.
  Task<> repair();
  // The server stops: marks of those who have left go, if their times can be written.
  Task<> close();

 private:
  using Users = std::unordered_set<Jid, JidHash, JidEqual>;

  Task<std::vector<Jid>> find_lost();
  Task<> write_lost(std::vector<Jid> users, std::int64_t alive);
  Task<std::size_t> write_some(std::vector<Jid>& users, std::int64_t alive);
  void beat_after(std::chrono::milliseconds time);
  Task<> write_beat();
  Task<> mark(Jid user, bool is_online);
  void sweep_later();
  Task<> sweep();
  Task<bool> sweep_once();

  HostType& host_;
  LastBook& book_;
  sql::Database& database_;
  Users left_;  // their marks are to go
  bool sweeping_ = false;
  // Of those who came since the start, until the repair is done.
  Users came_;
  bool repairing_ = false;
  Timer beat_;
  Timer sweep_;
};

}  // namespace meerkat
