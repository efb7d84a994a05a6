// SPDX-License-Identifier: Apache-2.0
// How much memory the process has taken, and how much it may take before the kernel kills it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace meerkat {

// Resident bytes of this process (/proc/self/statm); 0 when the kernel does not tell. A few microseconds.
std::uint64_t resident_memory();

// What the control groups of this process allow (memory.max of cgroup v2, memory.limit_in_bytes of v1) or the machine
// has, whichever is less. The directories are those of the kernel; tests have their own.
std::uint64_t memory_of_this_place(const std::filesystem::path& proc = "/proc",
                                   const std::filesystem::path& cgroups = "/sys/fs/cgroup");

}  // namespace meerkat
