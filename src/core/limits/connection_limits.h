// SPDX-License-Identifier: Apache-2.0
// How many connections may come from where, and how fast.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "core/limits/bucket_table.h"
#include "core/limits/refusals.h"
#include "net/ip_address.h"

namespace meerkat {

inline constexpr std::uint32_t no_limit = UINT32_MAX;

// What one customer is, in bits of its address: a single IPv4 address, or the /64 that an IPv6 customer owns at least
// (RFC 6177).
struct PrefixLengths {
  unsigned v4 = 32;
  unsigned v6 = 64;

  IpAddress prefix_of(const IpAddress& address) const { return address.prefix(v4, v6); }
  std::uint64_t key_of(const IpAddress& address) const { return keyed_hash(prefix_of(address).key()); }

  friend bool operator==(const PrefixLengths&, const PrefixLengths&) = default;
};

struct ConnectionRules {
  PrefixLengths prefixes;
  std::uint32_t per_address = no_limit;
  std::uint32_t unauthenticated_per_address = no_limit;
  std::uint32_t unauthenticated = no_limit;  // in all; above it the oldest is to go
  Pace pace;                                 // new connections from one address
};

// How many connections a listener has; shared by its sockets on all workers.
struct ListenerLoad {
  std::atomic<std::uint32_t> most{no_limit};  // another configuration changes it
  std::atomic<std::uint32_t> open{0};
};

class Guest;

// One per process; any worker may ask. The table has an entry for each address with an open connection, no others.
class ConnectionLimits {
 public:
  explicit ConnectionLimits(ConnectionRules rules = {}) { change(rules); }

  void change(const ConnectionRules& rules);

  // Whether a new connection may come in; asked before anything is made for it. A peer without an address is not
  // counted with others.
  std::expected<std::unique_ptr<Guest>, Refusal> let_in(const PeerAddress& peer, std::shared_ptr<ListenerLoad> listener,
                                                        SteadyTime now);
  // Connections that have not logged in, of all workers.
  std::uint32_t unauthenticated() const { return unauthenticated_.load(std::memory_order_relaxed); }
  bool too_many_unauthenticated() const { return unauthenticated() > most_unauthenticated(); }
  std::uint32_t most_unauthenticated() const { return most_unauthenticated_.load(std::memory_order_relaxed); }
  // Addresses with connections.
  std::size_t addresses() const;

 private:
  friend class Guest;
  static constexpr std::size_t shard_count = 32;

  struct Hash {
    std::size_t operator()(const IpAddress& address) const { return keyed_hash(address.key()); }
  };
  struct Shard;
  struct Load {
    Shard* shard = nullptr;
    IpAddress prefix;
    std::uint32_t open = 0;
    std::uint32_t unauthenticated = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    ConnectionRules rules;
    std::unordered_map<IpAddress, Load, Hash> loads;  // its nodes stay where they are
  };

  static std::expected<Load*, Refusal> count_in(Shard& shard, const IpAddress& prefix);

  std::array<Shard, shard_count> shards_;
  std::atomic<unsigned> v4_bits_, v6_bits_;
  std::atomic<std::uint32_t> unauthenticated_{0};
  std::atomic<std::uint32_t> most_unauthenticated_{no_limit};
  BucketTable paces_;
};

// A connection that was let in: where it comes from, and for whom it is counted. Any worker, one at a time.
class Guest {
 public:
  Guest(ConnectionLimits& limits, const PeerAddress& peer, std::shared_ptr<ListenerLoad> listener);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  const PeerAddress& peer() const { return peer_; }
  bool has_logged_in() const { return has_logged_in_; }
  // From now on it is not counted among the strangers.
  void logged_in();

 private:
  friend class ConnectionLimits;

  ConnectionLimits& limits_;
  const std::shared_ptr<ListenerLoad> listener_;
  ConnectionLimits::Load* load_ = nullptr;
  const PeerAddress peer_;
  bool has_logged_in_ = false;
};

}  // namespace meerkat
