// SPDX-License-Identifier: Apache-2.0
#include "core/limits/connection_limits.h"

namespace meerkat {

void ConnectionLimits::change(const ConnectionRules& rules) {
  for (Shard& shard : shards_) {
    const std::scoped_lock lock{shard.mutex};
    shard.rules = rules;
  }
  v4_bits_.store(rules.prefixes.v4, std::memory_order_relaxed);
  v6_bits_.store(rules.prefixes.v6, std::memory_order_relaxed);
  most_unauthenticated_.store(rules.unauthenticated, std::memory_order_relaxed);
  paces_.change(rules.pace);
}

std::expected<std::unique_ptr<Guest>, Refusal> ConnectionLimits::let_in(const PeerAddress& peer,
                                                                        std::shared_ptr<ListenerLoad> listener,
                                                                        SteadyTime now) {
  if (listener && listener->open.load(std::memory_order_relaxed) >= listener->most)
    return std::unexpected(Refusal::listener_full);
  Load* load = nullptr;
  if (peer.ip.is_known()) {
    const PrefixLengths prefixes{v4_bits_.load(std::memory_order_relaxed), v6_bits_.load(std::memory_order_relaxed)};
    const IpAddress prefix = prefixes.prefix_of(peer.ip);
    const std::uint64_t key = keyed_hash(prefix.key());
    if (!paces_.take(key, now)) return std::unexpected(Refusal::address_rate);
    const auto counted = count_in(shards_[(key >> 32) % shard_count], prefix);
    if (!counted) return std::unexpected(counted.error());
    load = *counted;
  }
  auto guest = std::make_unique<Guest>(*this, peer, std::move(listener));
  guest->load_ = load;
  return guest;
}

std::expected<ConnectionLimits::Load*, Refusal> ConnectionLimits::count_in(Shard& shard, const IpAddress& prefix) {
  const std::scoped_lock lock{shard.mutex};
  const auto found = shard.loads.find(prefix);
  if (found != shard.loads.end()) {
    if (found->second.open >= shard.rules.per_address) return std::unexpected(Refusal::address_connections);
    if (found->second.unauthenticated >= shard.rules.unauthenticated_per_address)
      return std::unexpected(Refusal::address_unauthenticated);
  }
  // Written once: guests read where their load stands without the lock.
  Load& load = found != shard.loads.end()
                   ? found->second
                   : shard.loads.try_emplace(prefix, Load{.shard = &shard, .prefix = prefix}).first->second;
  ++load.open;
  ++load.unauthenticated;
  return &load;
}

std::size_t ConnectionLimits::addresses() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::scoped_lock lock{shard.mutex};
    sum += shard.loads.size();
  }
  return sum;
}

Guest::Guest(ConnectionLimits& limits, const PeerAddress& peer, std::shared_ptr<ListenerLoad> listener)
    : limits_(limits), listener_(std::move(listener)), peer_(peer) {
  limits_.unauthenticated_.fetch_add(1, std::memory_order_relaxed);
  if (listener_) listener_->open.fetch_add(1, std::memory_order_relaxed);
}

void Guest::logged_in() {
  if (has_logged_in_) return;
  has_logged_in_ = true;
  limits_.unauthenticated_.fetch_sub(1, std::memory_order_relaxed);
  if (load_ == nullptr) return;
  const std::scoped_lock lock{load_->shard->mutex};
  --load_->unauthenticated;
}

Guest::~Guest() {
  logged_in();
  if (listener_) listener_->open.fetch_sub(1, std::memory_order_relaxed);
  if (load_ == nullptr) return;
  ConnectionLimits::Shard& shard = *load_->shard;
  const std::scoped_lock lock{shard.mutex};
  if (--load_->open == 0) shard.loads.erase(IpAddress{load_->prefix});
}

}  // namespace meerkat
