// SPDX-License-Identifier: Apache-2.0
// What the allocator keeps of freed memory for later: usually welcome, but not while memory is short.
#pragma once

#include <cstdint>

namespace meerkat {

enum class FreedMemory : std::uint8_t { kept_for_a_while, returned_at_once };

// What becomes of memory that is freed from now on, in the whole process. Any thread. With mimalloc only; others decide
// for themselves.
void freed_memory_is(FreedMemory choice);

// Gives the kernel what the allocator of the calling thread has kept, if it is among so many bytes that the process
// has. Some milliseconds, and 10 more for each 100 MB that are returned.
void return_free_memory(std::uint64_t bytes);

}  // namespace meerkat
