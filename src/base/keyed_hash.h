// SPDX-License-Identifier: Apache-2.0
// SipHash-1-3 under a key drawn at start: nobody outside can aim at one bucket or one worker.
#pragma once

#include <cstdint>
#include <string_view>

namespace meerkat {

struct HashKey {
  std::uint64_t low;
  std::uint64_t high;
};

// SipHash-1-3 of `text` under `key` (Aumasson, Bernstein: SipHash, 2012).
std::uint64_t siphash(std::string_view text, const HashKey& key);

// The same under the key of this process. Any thread.
std::uint64_t keyed_hash(std::string_view text);

// For maps keyed by text that comes from outside.
struct KeyedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return keyed_hash(text); }
};

}  // namespace meerkat
