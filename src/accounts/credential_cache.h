// SPDX-License-Identifier: Apache-2.0
// The keys of those who logged in lately, so that the next login asks neither the database nor PBKDF2.
#pragma once

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

}  // namespace meerkat
