// SPDX-License-Identifier: Apache-2.0
// Somebody has to be turned away before the kernel kills everybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace meerkat {

// Judges what was measured. `measured` is called on one worker; everything else on any.
class MemoryCeiling {
 public:
  enum class State : std::uint8_t {
    well,
    tight,  // newcomers are turned away
    full,   // slow readers go as well, those with the most waiting first
  };

  // The ceiling in bytes; absent: none.
  explicit MemoryCeiling(std::optional<std::uint64_t> ceiling = {}) { change(ceiling); }

  void change(std::optional<std::uint64_t> ceiling) { ceiling_.store(ceiling.value_or(0), std::memory_order_relaxed); }

  // The new state; logs when it changed.
  State measured(std::uint64_t resident);
  State state() const { return state_.load(std::memory_order_relaxed); }
  bool is_tight() const { return state() != State::well; }
  std::uint64_t ceiling() const { return ceiling_.load(std::memory_order_relaxed); }
  // What was measured last.
  std::uint64_t resident() const { return resident_.load(std::memory_order_relaxed); }
  // How many bytes have to go until it is merely tight.
  std::uint64_t excess() const;

 private:
  State judge(std::uint64_t resident) const;

  std::atomic<std::uint64_t> ceiling_{0};
  std::atomic<std::uint64_t> resident_{0};
  std::atomic<State> state_{State::well};
};

}  // namespace meerkat
