// SPDX-License-Identifier: Apache-2.0
// The terminal: a progress bar while work goes on, and Ctrl-C.
#pragma once

#include <csignal>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace meerkat::bench {

// One per process, on the main thread, made before other threads start: they inherit that SIGINT and SIGTERM are
// blocked, so that the main thread hears them here.
class Console {
 public:
  Console();
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // Waits; true when somebody pressed Ctrl-C, now or earlier.
  bool interrupted_within(std::chrono::milliseconds time);
  bool interrupted() const { return interrupted_; }

  // Draws "what [#####-----] done/all unit" over the previous one, some times a second; nothing when stderr is no
  // terminal.
  void progress(std::string_view what, std::uint64_t done, std::uint64_t all, std::string_view unit);
  void clear_progress();

 private:
  sigset_t signals_;
  sigset_t before_;
  bool interrupted_ = false;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point drawn_at_{};
};

}  // namespace meerkat::bench
