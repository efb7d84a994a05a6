// SPDX-License-Identifier: Apache-2.0
// How often accounts may be registered: once per `general.registration_timeout` from one address, and so many per
// minute in all.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "core/limits/bucket_table.h"
#include "core/limits/connection_limits.h"
#include "core/limits/refusals.h"
#include "net/ip_address.h"

namespace meerkat {

// Absent: no limit.
struct RegistrationRules {
  PrefixLengths prefixes;
  std::optional<std::chrono::nanoseconds> between;  // two registrations from one address
  std::optional<std::uint32_t> per_minute;          // in all
};

// One per process, asked by all workers; a lock is held for a look-up only.
class RegistrationLimits {
 public:
  explicit RegistrationLimits(const RegistrationRules& rules = {}) { change(rules); }

  void change(const RegistrationRules& rules);

  // A turn that was taken; given back when it ends, unless an account was made with it.
  class Turn {
   public:
    Turn(RegistrationLimits& limits, std::uint64_t place, SteadyTime now)
        : limits_(&limits), place_(place), now_(now) {}
    Turn(Turn&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)), place_(other.place_), now_(other.now_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (limits_ != nullptr) limits_->give_back(place_, now_);
    }
    void use_up() { limits_ = nullptr; }

   private:
    RegistrationLimits* limits_;
    std::uint64_t place_;
    SteadyTime now_;
  };

  // A refusal when somebody from there has registered not long ago, or is about to, or when too many have. Unknown
  // addresses count as one.
  std::expected<Turn, Refusal> take_turn(const IpAddress& from, SteadyTime now);

 private:
  void give_back(std::uint64_t place, SteadyTime now);

  BucketTable places_;
  std::mutex mutex_;
  PrefixLengths prefixes_;
  Pace whole_pace_;
  Bucket whole_;
};

}  // namespace meerkat
