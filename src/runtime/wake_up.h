// SPDX-License-Identifier: Apache-2.0
// Wakes a thread that waits for descriptors.
#pragma once

namespace meerkat {

class WakeUp {
 public:
  WakeUp();  // throws std::system_error when there are no descriptors left
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  // Readable from a ring until the next hush.
  int descriptor() const { return descriptor_; }
  // Any thread.
  void ring() noexcept;
  void hush() noexcept;

 private:
  const int descriptor_;
};

}  // namespace meerkat
