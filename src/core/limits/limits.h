// SPDX-License-Identifier: Apache-2.0
// What keeps strangers and floods within bounds, counted by all workers together.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/limits/connection_limits.h"
#include "core/limits/limits_section.h"
#include "core/limits/login_throttle.h"
#include "core/limits/memory_ceiling.h"
#include "core/limits/refusals.h"
#include "core/limits/registration_limits.h"

namespace meerkat {

// One per process. Any worker may ask for anything; `change` may come at any time, from one thread.
class Limits {
 public:
  // Nothing is limited.
  Limits() = default;
  // `descriptors`: how many the process may have. `between_registrations`: general.registration_timeout.
  Limits(const LimitsSettings& settings, std::uint64_t descriptors,
         config::Limit<std::chrono::seconds> between_registrations);
  Limits(const Limits&) = delete;
  Limits& operator=(const Limits&) = delete;

  // Other numbers from now on; who is in stays in.
  void change(const LimitsSettings& settings, std::uint64_t descriptors,
              config::Limit<std::chrono::seconds> between_registrations);

  // For whoever has no others, such as tests.
  static Limits& none();

  ConnectionLimits connections;
  LoginThrottle logins;
  RegistrationLimits registrations;
  MemoryCeiling memory;
  Refusals refusals;

  // Until a stream is authenticated: its time in all (0: no end), and its bytes.
  std::chrono::milliseconds login_time() const { return login_time_.load(std::memory_order_relaxed); }
  std::uint64_t login_bytes() const { return login_bytes_.load(std::memory_order_relaxed); }
  // What streams may hold until then, all together, in bytes.
  std::uint64_t memory_of_strangers() const { return memory_of_strangers_.load(std::memory_order_relaxed); }

  // Passwords that are being looked up or hashed. Nothing when there are too many.
  class Login;
  std::optional<Login> begin_login();
  std::uint32_t logins_in_progress() const { return logins_in_progress_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::chrono::milliseconds> login_time_{std::chrono::milliseconds{0}};
  std::atomic<std::uint64_t> login_bytes_{UINT64_MAX};
  std::atomic<std::uint64_t> memory_of_strangers_{UINT64_MAX};
  std::atomic<std::uint32_t> most_logins_{no_limit};
  std::atomic<std::uint32_t> logins_in_progress_{0};
};

// While it lives, a login is in progress.
class Limits::Login {
 public:
  explicit Login(Limits& limits) : limits_(&limits) {}
  Login(Login&& other) noexcept : limits_(std::exchange(other.limits_, nullptr)) {}
  Login& operator=(Login&&) = delete;
  ~Login() {
    if (limits_ != nullptr) limits_->logins_in_progress_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  Limits* limits_;
};

}  // namespace meerkat
