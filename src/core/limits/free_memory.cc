// SPDX-License-Identifier: Apache-2.0
#include "core/limits/free_memory.h"

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <vector>

// mimalloc, when the program is linked with it (decision 0007).
extern "C" {
[[gnu::weak]] void mi_collect(bool force);
[[gnu::weak]] long mi_option_get(int option);
[[gnu::weak]] void mi_option_set(int option, long value);
}

namespace meerkat {
namespace {

// For how many milliseconds freed pages are kept: mi_option_decommit_delay of mimalloc 2.0, mi_option_purge_delay
// since 2.1.
constexpr int mi_delay = 15;

// mimalloc looks at a segment's kept pages only when pages next to them are taken or freed; where nothing happens any
// more they are kept for ever. So all are taken, and freed; nobody writes to them, so it costs no memory. Large blocks
// first, because they leave nothing whole behind; the least take more than a page of mimalloc's, so each finds a place
// of its own.
void stir_kept_pages(std::uint64_t bytes) {
  constexpr std::size_t largest = 8'000'000, least = 140'000;
  std::vector<void*> blocks;
  for (std::size_t size = largest; size >= least; size /= 2)
    for (std::uint64_t taken = 0; taken < bytes; taken += size) {
      void* block = std::malloc(size);
      if (block == nullptr) break;
      blocks.push_back(block);
    }
  for (void* block : blocks) std::free(block);
}

}  // namespace

void freed_memory_is(FreedMemory choice) {
  if (mi_option_set == nullptr || mi_option_get == nullptr) return;
  static const long usual = mi_option_get(mi_delay);
  mi_option_set(mi_delay, choice == FreedMemory::returned_at_once ? 0 : usual);
}

void return_free_memory(std::uint64_t bytes) {
  if (mi_collect == nullptr) {
    ::malloc_trim(0);
    return;
  }
  mi_collect(true);
  stir_kept_pages(bytes);
  mi_collect(true);
}

}  // namespace meerkat
