// SPDX-License-Identifier: Apache-2.0
// The keys of those who logged in lately, so that the next login asks neither the database nor PBKDF2.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "core/accounts.h"
#include "xmpp/jid.h"

namespace meerkat {

// Any thread; locked by shard, for the time of a lookup. The longest unused goes first.
class CredentialCache {
 public:
  explicit CredentialCache(std::size_t capacity) : per_shard_(capacity / shard_count) {}

  // What was true of the shard when a read began; a change in between makes what was read too old to be kept.
  using Ticket = std::uint64_t;
  Ticket ticket(const Jid& user);

  std::optional<Credentials> find(const Jid& user);
  void keep(const Jid& user, Credentials credentials, Ticket since);
  void forget(const Jid& user);

 private:
  static constexpr std::size_t shard_count = 16;
  struct Entry {
    Jid user;
    Credentials credentials;
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> by_use;  // the latest first
    std::unordered_map<Jid, std::list<Entry>::iterator> by_user;
    std::uint64_t changes = 0;
  };

  Shard& shard_of(const Jid& user) { return shards_[user.bare_hash() % shard_count]; }

  const std::size_t per_shard_;
  std::array<Shard, shard_count> shards_;
};

// What was found lately, and what was not: names that nobody has must be refused as fast as those that somebody has
// (RFC 5802 §9). Those names have room of their own, so that whoever asks for many of them drives nobody else out. Any
// thread.
class RecentAccounts {
 public:
  explicit RecentAccounts(std::size_t capacity) : known_(capacity), unknown_(std::min(capacity, most_unknown)) {}

  struct Ticket {
    CredentialCache::Ticket known;
    CredentialCache::Ticket unknown;
  };
  Ticket ticket(const Jid& user) { return {known_.ticket(user), unknown_.ticket(user)}; }

  std::optional<Credentials> find(const Jid& user) { return known_.find(user); }
  bool is_nobody(const Jid& user) { return unknown_.find(user).has_value(); }
  void keep(const Jid& user, const Credentials& found, Ticket since) { known_.keep(user, found, since.known); }
  void keep_nobody(const Jid& user, Ticket since) { unknown_.keep(user, {}, since.unknown); }
  void forget(const Jid& user) {
    known_.forget(user);
    unknown_.forget(user);
  }

 private:
  static constexpr std::size_t most_unknown = 1000;

  CredentialCache known_;
  CredentialCache unknown_;
};

}  // namespace meerkat
