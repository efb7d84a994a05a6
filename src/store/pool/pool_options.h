// SPDX-License-Identifier: Apache-2.0
// What all pools of [outgoing_pools] have in common: who shares them, how many workers, how one is chosen.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/codec.h"
#include "config/section.h"

namespace meerkat {

enum class PoolScope : std::uint8_t { global, host_type, single_host };

// Who gets a call. The names and their meanings are those of worker_pool, which MongooseIM stands on.
enum class PoolStrategy : std::uint8_t {
  best_worker,           // the one with the fewest calls before it
  random_worker,         // any
  next_worker,           // one after the other
  available_worker,      // the call waits in one queue until any worker is free
  next_available_worker  // the next one that is free; without one the call is refused
};

struct PoolOptions {
  PoolScope scope = PoolScope::global;
  std::optional<std::string> host;  // of scope single_host
  PoolStrategy strategy = PoolStrategy::best_worker;
  std::uint32_t workers = 10;
  std::chrono::milliseconds call_timeout{5000};
  std::optional<std::uint32_t> max_worker_queue_len;  // none: no bound but the time that calls have
};

// For `include`: each kind of pool has its own defaults, and may refuse strategies.
config::Section<PoolOptions> pool_section(PoolOptions defaults = {});

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::PoolScope> {
  using enum meerkat::PoolScope;
  static constexpr EnumName names[] = {
      {global, "global"}, {host_type, "host_type"}, {host_type, "host"}, {single_host, "single_host"}};
};

template <>
struct meerkat::config::EnumNames<meerkat::PoolStrategy> {
  using enum meerkat::PoolStrategy;
  static constexpr EnumName names[] = {{best_worker, "best_worker"},
                                       {random_worker, "random_worker"},
                                       {next_worker, "next_worker"},
                                       {available_worker, "available_worker"},
                                       {next_available_worker, "next_available_worker"}};
};
