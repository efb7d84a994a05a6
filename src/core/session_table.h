// SPDX-License-Identifier: Apache-2.0
// The sessions of one worker, by account. No locks: only that worker looks.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/slab.h"
#include "core/session.h"

namespace meerkat {

class SessionTable {
 public:
  SessionTable();
  ~SessionTable();
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  // Null when no session of the account lives.
  Account* find(const Jid& address) const;
  // The same without its name.
  Account* find(AccountKey key) const;
  // The session of exactly this full address, or null.
  Session* find_session(const Jid& full) const { return session_of(find(full), full); }
  // The same when the account (or null) is known already.
  static Session* session_of(const Account* account, const Jid& full);

  // Enters a new session; its full address must be free.
  Session& open(const Jid& full, HostType& host, SessionStream& stream);
  // Nobody finds it any more, and its name is free; its account's entry goes when it was the last. The session itself
  // lives on, without account, for those who still look at it, until it is freed.
  void take_out(Session& session);
  // One of its holders has no use any more for a session that was taken out; it goes with the last.
  void free(Session& session) {
    if (--session.holders == 0) sessions_.free(&session);
  }
  // Both at once.
  void close(Session& session) {
    take_out(session);
    free(session);
  }

  std::size_t size() const { return sessions_count_; }
  std::size_t count_of(const Account& account) const;

  template <class Use>
  void for_each(Use use) const {
    for (const Account* account : buckets_)
      for (; account != nullptr; account = account->next_in_bucket)
        for (Session* session = account->first; session != nullptr; session = session->next_of_account) use(*session);
  }

  // Visits a handful of sessions and says where to go on; begins and ends with 0. Between two calls the table may
  // change as it likes: sessions that stay are visited once at least, and once only unless the table grows meanwhile.
  template <class Use>
  std::uint64_t visit_some(std::uint64_t position, Use use) const {
    const std::uint64_t mask = buckets_.size() - 1;
    for (const Account* account = buckets_[position & mask]; account != nullptr; account = account->next_in_bucket)
      for (Session* session = account->first; session != nullptr; session = session->next_of_account) use(*session);
    // Counts with the highest bit of the mask as the lowest digit: what a bucket is split into when the table doubles
    // follows it in this order, so nothing is left out.
    return __builtin_bitreverse64(__builtin_bitreverse64(position | ~mask) + 1);
  }

 private:
  std::size_t bucket_of(AccountKey key) const { return static_cast<std::size_t>(key) & (buckets_.size() - 1); }
  Account*& bucket(const Jid& address) { return buckets_[bucket_of(key_of(address))]; }
  void grow();

  std::vector<Account*> buckets_;
  std::size_t accounts_count_ = 0;
  std::size_t sessions_count_ = 0;
  Slab<Account> accounts_;
  Slab<Session> sessions_;
};

}  // namespace meerkat
