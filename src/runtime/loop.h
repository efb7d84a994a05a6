// SPDX-License-Identifier: Apache-2.0
// The kernel's readiness interface behind a handful of functions; epoll today, io_uring may follow.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

namespace meerkat {

// What a descriptor is ready for. `hang_up` comes with `read` when there are last bytes to be read.
struct Readiness {
  bool read = false;
  bool write = false;
  bool hang_up = false;
};

// Something with a descriptor on a loop. Called on the worker of the loop; must outlive the turn in which it stops
// being watched (Worker::bury helps).
class Watched {
 public:
  virtual void ready(Readiness what) noexcept = 0;

 protected:
  ~Watched() = default;
};

enum class Interest : std::uint8_t { none, read, write, both };

// One per worker; everything but `wake` is for its thread alone. Level-triggered.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Throws std::system_error when the kernel refuses (descriptor or memory limits).
  void watch(int descriptor, Watched& who, Interest interest);
  void change(int descriptor, Watched& who, Interest interest);
  void forget(int descriptor) noexcept;

  // Waits at most `longest` (negative: for ever) and calls those who are ready; returns how many were.
  int turn(std::chrono::milliseconds longest);

  // Any thread: ends the wait of `turn`.
  void wake() noexcept;

 private:
  struct Kernel;
  std::unique_ptr<Kernel> kernel_;
};

}  // namespace meerkat
