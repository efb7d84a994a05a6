// SPDX-License-Identifier: Apache-2.0
// How fast a client is read where its listener names a shaper: no more than the rates of the shaper allow, so that TCP
// slows the client down. Nothing is dropped.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "core/access.h"
#include "core/shaper.h"
#include "runtime/timer.h"

namespace meerkat {

class Hall;
class Session;

// Of one established stream, on its worker; made only where a shaper is named. Follows the rates, rules and names of
// the configuration while they change.
class Rationing {
 public:
  // `name` is a shaper, or an access rule that says which ("none": no limit), as the listener has it.
  Rationing(Hall& hall, const Session& session, std::string name);
  ~Rationing();
  Rationing(const Rationing&) = delete;
  Rationing& operator=(const Rationing&) = delete;

  // So many bytes came. How long nothing is to be read now; zero: go on.
  std::chrono::nanoseconds take(std::size_t bytes);
  // How many bytes the next read may bring, so that no debt grows from it; nothing: any number.
  std::optional<std::size_t> at_most();
  // How long still; zero when there is something to be had.
  std::chrono::nanoseconds wait();

  Timer timer;  // runs while nothing is read

 private:
  void look_up();
  const ShaperSettings* settings() const;

  Hall& hall_;
  const Session& session_;
  const std::string name_;
  // What the rates below come from; others by now: looked up again.
  std::shared_ptr<const ShaperTable> table_;
  std::shared_ptr<const AccessRules> rules_;
  std::optional<TokenBucket> own_;
  std::shared_ptr<TokenBucket> shared_;  // with the other streams of the account
  std::uint64_t portion_ = 1;            // what is read at once, and waited for: byte by byte would be dear
};

}  // namespace meerkat
