// SPDX-License-Identifier: Apache-2.0
#include "store/pool/pool_options.h"

namespace meerkat {

using namespace config;

Section<PoolOptions> pool_section(PoolOptions defaults) {
  using O = PoolOptions;
  return Section<O>{"outgoing_pools", "What all pools have in common.", std::move(defaults)}
      .option("scope", &O::scope,
              "Who shares the pool: everybody, each host type has one of its own, or one host type alone has it.",
              needs_restart)
      .option("host", &O::host, "The host type that has the pool, with scope \"single_host\".", non_empty,
              needs_restart, example("\"example.org\""))
      .option("strategy", &O::strategy, "Which worker gets a call.", needs_restart)
      .option("workers", &O::workers, "How many workers there are; each has one connection.", between(1, 1000),
              needs_restart)
      .option("call_timeout", &O::call_timeout, "How long a caller waits, queueing included.",
              at_least(std::chrono::milliseconds{1}), needs_restart)
      .option("max_worker_queue_len", &O::max_worker_queue_len,
              "How many calls may wait for one worker; one more is refused. For the strategy \"best_worker\" alone.",
              example("100"), needs_restart)
      .check([](const O& options, Checker& checker) {
        if (options.scope == PoolScope::single_host && !options.host)
          checker.refuse("scope", "scope \"single_host\" needs to know which host type — give host as well");
        if (options.scope != PoolScope::single_host && options.host)
          checker.refuse("host", "only scope \"single_host\" has a host — leave host out, or set scope");
        if (options.max_worker_queue_len && options.strategy != PoolStrategy::best_worker)
          checker.refuse("max_worker_queue_len", "only the strategy \"best_worker\" bounds the queue of a worker");
      });
}

}  // namespace meerkat
