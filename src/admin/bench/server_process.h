// SPDX-License-Identifier: Apache-2.0
// What the operating system says of the server's process: CPU time and resident memory. Linux only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace meerkat::bench {

// A value. Nothing is told of pid 0, of a process that is gone, and of what the kernel does not let us read.
class ServerProcess {
 public:
  explicit ServerProcess(pid_t pid) : pid_(pid) {}

  // User and system time of all threads, also of those that have ended.
  std::optional<std::chrono::nanoseconds> cpu() const;
  // Resident bytes, from smaps_rollup.
  std::optional<std::uint64_t> resident() const;

  bool wanted() const { return pid_ != 0; }
  bool readable() const { return cpu().has_value(); }

 private:
  pid_t pid_;
};

// The same of this process.
std::chrono::nanoseconds own_cpu();

// The kilobytes behind "Rss:".
std::optional<std::uint64_t> resident_kb_in(std::string_view smaps_rollup);

}  // namespace meerkat::bench
