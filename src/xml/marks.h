// SPDX-License-Identifier: Apache-2.0
// Where the four bytes that matter to the splitter stand in a block of 64: one bit each. SSE2 where there is SSE2,
// arithmetic on words elsewhere; both are built everywhere so that tests can compare them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meerkat::xml {

struct Marks {
  std::uint64_t less, greater, apostrophe, quotation;
  friend bool operator==(const Marks&, const Marks&) = default;
};

// One bit for each of 8 bytes that equals `c`.
inline std::uint64_t equal_bits(const unsigned char* p, unsigned char c) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{p[i]} << (8 * i);  // compilers make one load of it
  const std::uint64_t low7 = 0x7f7f7f7f7f7f7f7fu;
  const std::uint64_t x = word ^ (0x0101010101010101u * c);
  const std::uint64_t zeros = ~(((x & low7) + low7) | x | low7);  // 0x80 where a byte of x is 0, exactly
  return ((zeros >> 7) * 0x0102040810204080u) >> 56;
}

inline Marks portable_marks(const char* block) {
  Marks marks{};
  const auto* p = reinterpret_cast<const unsigned char*>(block);
  for (unsigned i = 0; i < 64; i += 8) {
    marks.less |= equal_bits(p + i, '<') << i;
    marks.greater |= equal_bits(p + i, '>') << i;
    marks.apostrophe |= equal_bits(p + i, '\'') << i;
    marks.quotation |= equal_bits(p + i, '"') << i;
  }
  return marks;
}

#ifdef __SSE2__
inline Marks vector_marks(const char* block) {
  Marks marks{};
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
    const auto bits = [&](char c) {
      return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c))))} << i;
    };
    marks.less |= bits('<');
    marks.greater |= bits('>');
    marks.apostrophe |= bits('\'');
    marks.quotation |= bits('"');
  }
  return marks;
}
#endif

// Of 64 readable bytes.
inline Marks marks_of(const char* block) {
#ifdef __SSE2__
  return vector_marks(block);
#else
  return portable_marks(block);
#endif
}

// Of the `size` < 64 bytes at `p`, reading no others.
inline Marks marks_of_tail(const char* p, std::size_t size) {
  char block[64] = {};
  std::memcpy(block, p, size);
  return marks_of(block);
}

}  // namespace meerkat::xml
