// SPDX-License-Identifier: Apache-2.0
// Guessing passwords is made slow, without giving anybody the power to lock out the owner of an account.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "core/limits/bucket_table.h"
#include "core/limits/connection_limits.h"
#include "net/ip_address.h"

namespace meerkat {

// How many failed logins there may be within ten minutes. Absent: any number.
struct LoginRules {
  PrefixLengths prefixes;
  std::optional<std::uint32_t> per_address;              // from one address, whatever the account; beyond it: refused
  std::optional<std::uint32_t> per_account_and_address;  // for one account from one address; beyond it: refused
  std::optional<std::uint32_t> per_account;              // for one account from everywhere; beyond it: delayed
};

// Three buckets are charged by a failure: of the address, of the account at this address, and of the account. The
// third never refuses, or a stranger could keep the owner out; it makes everybody wait who has not logged in to that
// account from his address in the last month. Those who have are not kept out by what others at their address do.
// One per process; any worker may ask.
class LoginThrottle {
 public:
  explicit LoginThrottle(const LoginRules& rules = {}) { change(rules); }

  void change(const LoginRules& rules);

  // A name that somebody tries, at his address.
  struct Attempt {
    std::uint64_t address = 0, account = 0, both = 0;
  };
  Attempt attempt(const IpAddress& from, std::string_view account) const;

  enum class Verdict : std::uint8_t { go, address_refused, account_refused };
  struct Answer {
    Verdict verdict = Verdict::go;
    // With go: how long the client is to wait for its answer. Else: when it makes sense to try again.
    std::chrono::milliseconds wait{0};
  };
  // Before the password is looked at. Takes nothing.
  Answer ask(const Attempt& attempt, SteadyTime now) const;
  void failed(const Attempt& attempt, SteadyTime now);
  void succeeded(const Attempt& attempt, SteadyTime now);

 private:
  bool is_at_home(const Attempt& attempt, SteadyTime now) const;

  std::atomic<unsigned> v4_bits_{32}, v6_bits_{64};
  BucketTable addresses_, accounts_, pairs_;
  BucketTable homes_;  // a bucket that is not full: somebody logged in there
};

}  // namespace meerkat
