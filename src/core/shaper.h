// SPDX-License-Identifier: Apache-2.0
// [shaper]: how much may come in a second. A token bucket counts; who asks it waits, so that nothing is lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "config/section.h"
#include "xmpp/jid.h"

namespace meerkat {

// One [shaper.NAME]. Bytes per second where connections name it, operations per second elsewhere.
struct ShaperSettings {
  std::uint64_t max_rate = 0;
  // Of all connections of one account together.
  std::optional<std::uint64_t> per_account_rate;

  friend bool operator==(const ShaperSettings&, const ShaperSettings&) = default;
};

// By name.
using ShaperTable = std::map<std::string, ShaperSettings>;

config::Section<ShaperSettings> shaper_section();

// Fills at its rate, up to what one second brings: the burst that is let through at once. Lives on one worker.
class TokenBucket {
 public:
  TokenBucket(std::uint64_t per_second, SteadyTime now) : rate_(per_second), tokens_(start(per_second)), at_(now) {}

  // Takes so many (bytes, operations), though there may not be so many: the debt is waited for before the next.
  void take(std::uint64_t count, SteadyTime now);
  // Takes one and answers true, or takes nothing.
  bool try_take(SteadyTime now);
  // How many can be had at once; 0 while there is a debt.
  std::uint64_t left(SteadyTime now);
  // How long until `count` can be had (at most a second's worth is ever there); zero when they are there.
  std::chrono::nanoseconds until(std::uint64_t count, SteadyTime now);
  // Another rate from now on; a debt stays.
  void set_rate(std::uint64_t per_second, SteadyTime now);

 private:
  // Counted in billionths of a token: a rate of one per second is exact to the nanosecond.
  __extension__ using Count = __int128;
  static constexpr Count one = 1'000'000'000;
  static Count start(std::uint64_t rate) { return static_cast<Count>(rate) * one; }
  void fill(SteadyTime now);

  std::uint64_t rate_;
  Count tokens_;
  SteadyTime at_;
};

// The shapers of one worker, and what accounts have left of theirs.
class Shapers {
 public:
  // Never null; another configuration puts another in its place, on this worker.
  std::shared_ptr<const ShaperTable> table = std::make_shared<const ShaperTable>();

  // The bucket that all connections of an account share; it goes with the last of them.
  std::shared_ptr<TokenBucket> of_account(const Jid& account, std::uint64_t rate, SteadyTime now);

 private:
  void forget_unused();

  std::unordered_map<Jid, std::weak_ptr<TokenBucket>> accounts_;  // by bare address
  std::size_t look_again_at_ = 64;
};

}  // namespace meerkat
