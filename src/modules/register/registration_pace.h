// SPDX-License-Identifier: Apache-2.0
// How often accounts may be registered from one place: once per `registration_timeout`.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"

namespace meerkat {

// One per host type, asked by all workers; the lock is held for a look-up only.
class RegistrationPace {
 public:
  // Beyond so many places the oldest are forgotten: who owns that many addresses is not kept out this way anyhow.
  static constexpr std::size_t most_places = 100'000;

  // Zero: no limit.
  explicit RegistrationPace(std::chrono::nanoseconds timeout) : timeout_(timeout) {}

  // A turn that was taken; given back when it ends, unless an account was made with it.
  class Turn {
   public:
    Turn() = default;
    Turn(RegistrationPace& pace, std::string place) : pace_(&pace), place_(std::move(place)) {}
    Turn(Turn&& other) noexcept : pace_(std::exchange(other.pace_, nullptr)), place_(std::move(other.place_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (pace_ != nullptr) pace_->give_back(place_);
    }
    void use_up() { pace_ = nullptr; }

   private:
    RegistrationPace* pace_ = nullptr;
    std::string place_;
  };

  // Nothing when somebody from there has registered not long ago, or is about to. An unknown address counts as one
  // place.
  std::optional<Turn> take_turn(std::string_view peer_address, SteadyTime now);

 private:
  struct Entry {
    std::string place;
    SteadyTime until;
  };
  void give_back(const std::string& place) noexcept;

  const std::chrono::nanoseconds timeout_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // oldest first; all stay equally long, so the first expires first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_place_;
};

}  // namespace meerkat
