// SPDX-License-Identifier: Apache-2.0
// What the system and the allocator tell of this process. Files of /proc are made up in memory: reading them keeps no
// worker waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace meerkat::admin {

// Bytes that the allocator has taken from the system, as far as it tells.
std::optional<std::int64_t> heap_memory();
// Linux 6.2 and later tell the number of descriptors as a size; going through the directory would take too long.
std::optional<std::int64_t> open_descriptors();
// Of all threads since the start; of the calling thread.
std::chrono::nanoseconds cpu_time_of_process();
std::chrono::nanoseconds cpu_time_of_thread();

}  // namespace meerkat::admin
