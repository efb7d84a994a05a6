// SPDX-License-Identifier: Apache-2.0
// How much memory the process has allocated and not freed; exact, so that two measurements can be compared.
#pragma once

#include <cstddef>

#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#else
#include <malloc.h>
#endif

namespace meerkat::fuzz {

inline std::size_t memory_in_use() {
#if __has_feature(address_sanitizer)
  return __sanitizer_get_current_allocated_bytes();
#else
  const struct mallinfo2 heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
}

}  // namespace meerkat::fuzz
