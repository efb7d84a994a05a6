// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of this process (proc(5)).
#pragma once

#include <cstdint>

namespace meerkat::metrics {

// 0 for what it does not tell.
struct ProcessFacts {
  double cpu_seconds = 0;
  double began = 0;  // seconds since 1970
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t anonymous_bytes = 0;  // of the resident ones: what was allocated, and stacks
  std::uint64_t code_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t most_threads = 0;  // of the user
  std::uint64_t open_descriptors = 0;
  std::uint64_t most_descriptors = 0;
  std::uint64_t tcp_sockets = 0;  // of the descriptors: connections, and where is listened
};

// Reads files: not on a worker. About two microseconds for each open descriptor.
ProcessFacts process_facts();

}  // namespace meerkat::metrics
