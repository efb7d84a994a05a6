// SPDX-License-Identifier: Apache-2.0
// Finds the next byte the parser has to think about, 16 at a time; reads nothing outside [p, end).
#pragma once

#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meerkat::xml {

// The first byte of [p, end) that is one of `Wanted`, or `end`.
template <char... Wanted>
inline const char* find_any(const char* p, const char* end) {
#ifdef __SSE2__
  while (end - p >= 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(v, _mm_set1_epi8(Wanted)))), ...);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return p + std::countr_zero(mask);
    p += 16;
  }
#endif
  while (p != end && ((*p != Wanted) && ...)) ++p;
  return p;
}

}  // namespace meerkat::xml
