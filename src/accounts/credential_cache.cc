// SPDX-License-Identifier: Apache-2.0
#include "accounts/credential_cache.h"

#include <utility>

namespace meerkat {

CredentialCache::Ticket CredentialCache::ticket(const Jid& user) {
  Shard& shard = shard_of(user);
  const std::lock_guard lock{shard.mutex};
  return shard.changes;
}

std::optional<Credentials> CredentialCache::find(const Jid& user) {
  Shard& shard = shard_of(user);
  const std::lock_guard lock{shard.mutex};
  const auto found = shard.by_user.find(user);
  if (found == shard.by_user.end()) return std::nullopt;
  shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
  return found->second->credentials;
}

void CredentialCache::keep(const Jid& user, Credentials credentials, Ticket since) {
  if (per_shard_ == 0) return;
  Shard& shard = shard_of(user);
  const std::lock_guard lock{shard.mutex};
  if (shard.changes != since || shard.by_user.contains(user)) return;
  if (shard.by_use.size() >= per_shard_) {
    shard.by_user.erase(shard.by_use.back().user);
    shard.by_use.pop_back();
  }
  shard.by_use.push_front({user, std::move(credentials)});
  shard.by_user.emplace(user, shard.by_use.begin());
}

void CredentialCache::forget(const Jid& user) {
  Shard& shard = shard_of(user);
  const std::lock_guard lock{shard.mutex};
  ++shard.changes;
  const auto found = shard.by_user.find(user);
  if (found == shard.by_user.end()) return;
  shard.by_use.erase(found->second);
  shard.by_user.erase(found);
}

}  // namespace meerkat
