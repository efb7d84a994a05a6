// SPDX-License-Identifier: Apache-2.0
#include "core/session_table.h"

#include <utility>

#include "base/check.h"
#include "core/hall.h"
#include "core/host_counts.h"

namespace meerkat {

SessionTable::SessionTable() : buckets_(1024) {}

// Whoever holds a session has gone, and so have the host types: nothing is counted any more.
SessionTable::~SessionTable() {
  for (Account* account : buckets_)
    while (account != nullptr) {
      for (Session* session = account->first; session != nullptr;) {
        Session* const next = session->next_of_account;
        session->account = nullptr;
        sessions_.free(session);
        session = next;
      }
      Account* const next = account->next_in_bucket;
      accounts_.free(account);
      account = next;
    }
}

Account* SessionTable::find(const Jid& address) const {
  Account* account = buckets_[bucket_of(key_of(address))];
  while (account != nullptr && !account->bare.same_bare(address)) account = account->next_in_bucket;
  return account;
}

Account* SessionTable::find(AccountKey key) const {
  Account* account = buckets_[bucket_of(key)];
  while (account != nullptr && key_of(account->bare) != key) account = account->next_in_bucket;
  return account;
}

Session* SessionTable::session_of(const Account* account, const Jid& full) {
  if (account == nullptr) return nullptr;
  const std::string_view resource = full.resource();
  Session* session = account->first;
  while (session != nullptr && session->jid.resource() != resource) session = session->next_of_account;
  return session;
}

Session& SessionTable::open(const Jid& full, HostType& host, SessionStream& stream) {
  check(find_session(full) == nullptr, "a full address has one session");
  Account* account = find(full);
  if (account == nullptr) {
    if (accounts_count_ == buckets_.size()) grow();
    account = accounts_.make(full.bare());
    Account*& head = bucket(account->bare);
    account->next_in_bucket = head;
    head = account;
    ++accounts_count_;
    host.counts->account_came();
  }
  Session* const session = sessions_.make(full, host, stream);
  session->account = account;
  session->opened_at = seconds_of(host.hall.worker.clock().wall());
  session->next_of_account = account->first;
  account->first = session;
  ++sessions_count_;
  host.counts->session_opened();
  host.hall.traces.opened(*session);
  return *session;
}

void SessionTable::take_out(Session& session) {
  Account* const account = std::exchange(session.account, nullptr);
  Session** link = &account->first;
  while (*link != &session) link = &(*link)->next_of_account;
  *link = session.next_of_account;
  --sessions_count_;
  if (account->first != nullptr) return;
  Account** place = &bucket(account->bare);
  while (*place != account) place = &(*place)->next_in_bucket;
  *place = account->next_in_bucket;
  accounts_.free(account);
  --accounts_count_;
}

std::size_t SessionTable::count_of(const Account& account) const {
  std::size_t count = 0;
  for (const Session* session = account.first; session != nullptr; session = session->next_of_account) ++count;
  return count;
}

void SessionTable::grow() {
  std::vector<Account*> old(buckets_.size() * 2);
  old.swap(buckets_);
  for (Account* account : old) {
    while (account != nullptr) {
      Account* const next = account->next_in_bucket;
      Account*& head = bucket(account->bare);
      account->next_in_bucket = head;
      head = account;
      account = next;
    }
  }
}

}  // namespace meerkat
