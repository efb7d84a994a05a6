// SPDX-License-Identifier: Apache-2.0
#include "xml/characters.h"

#include "xml/name_tables.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

namespace meerkat::xml {
namespace {

// The tables are in order.
bool within(char32_t c, std::span<const NameSpan> spans) {
  const auto after = std::ranges::upper_bound(spans, c, {}, &NameSpan::first);
  return after != spans.begin() && c <= std::prev(after)->last;
}

// The character at `p` and its size, of bytes known to be valid.
std::pair<char32_t, std::size_t> decode(const char* p) {
  const auto byte = [p](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(p[i])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xe0) return {(lead & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  if (lead < 0xf0) return {(lead & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
  return {(lead & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f), 4};
}

}  // namespace

const char* name_end_slowly(const char* p, const char* end) {
  const char* at = p;
  while (at != end) {
    const auto [c, size] = decode(at);
    const std::uint8_t kind = c < 0x80 ? name_bytes[c] : std::uint8_t{0};
    const bool starts = (kind & name_start) != 0 || (c >= 0x80 && within(c, name_starts));
    const bool goes_on = starts || (kind & name_more) != 0 || (c >= 0x80 && within(c, name_others));
    if (at == p ? !starts : !goes_on) break;
    at += size;
  }
  return at;
}

std::size_t character_size(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0);
  if (text.empty()) return 0;
  if (lead < 0x80) return is_character(lead) ? 1 : 0;
  if (lead < 0xc2 || !tail(1)) return 0;
  if (lead < 0xe0) return 2;
  if (!tail(2)) return 0;
  if (lead < 0xf0) {
    const char32_t c = (lead & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    return c >= 0x800 && is_character(c) ? 3 : 0;
  }
  if (lead > 0xf4 || !tail(3)) return 0;
  const char32_t c = (lead & 7) << 18 | (byte(1) & 0x3f) << 12;
  return c >= 0x10000 && c <= 0x10ffff ? 4 : 0;
}

bool valid_characters_plain(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

#if defined(__x86_64__)
namespace {

// Control characters other than tab, line feed, carriage return: a nonzero byte each.
__m128i forbidden_controls(__m128i v) {
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
  const __m128i allowed =
      _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'))),
                   _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
  return _mm_andnot_si128(allowed, low);
}

// What two bytes in a row can be wrong about. Three tables (high and low half of the first byte, high half of the
// second) are looked up, and what all three agree on is an error: the method of J. Keiser and D. Lemire,
// "Validating UTF-8 in less than one instruction per byte", 2021.
enum : std::uint8_t {
  too_short = 1,  // a lead without its tail
  too_long = 2,   // a tail after ASCII
  overlong_3 = 4,
  too_large = 8,
  surrogate = 16,
  overlong_2 = 32,
  too_large_1000 = 64,  // and overlong_4: the same bit, told apart by the other tables
  overlong_4 = 64,
  two_tails = 128,  // right or wrong by what came before
};
constexpr std::uint8_t any_low = too_short | too_long | two_tails;

alignas(16) constexpr std::uint8_t first_high[16] = {too_long,
                                                     too_long,
                                                     too_long,
                                                     too_long,
                                                     too_long,
                                                     too_long,
                                                     too_long,
                                                     too_long,
                                                     two_tails,
                                                     two_tails,
                                                     two_tails,
                                                     two_tails,
                                                     too_short | overlong_2,
                                                     too_short,
                                                     too_short | overlong_3 | surrogate,
                                                     too_short | too_large | too_large_1000 | overlong_4};
alignas(16) constexpr std::uint8_t first_low[16] = {any_low | overlong_3 | overlong_2 | overlong_4,
                                                    any_low | overlong_2,
                                                    any_low,
                                                    any_low,
                                                    any_low | too_large,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000 | surrogate,
                                                    any_low | too_large | too_large_1000,
                                                    any_low | too_large | too_large_1000};
constexpr std::uint8_t tail_8 = too_long | overlong_2 | two_tails | overlong_3 | too_large_1000 | overlong_4;
constexpr std::uint8_t tail_9 = too_long | overlong_2 | two_tails | overlong_3 | too_large;
constexpr std::uint8_t tail_ab = too_long | overlong_2 | two_tails | surrogate | too_large;
alignas(16) constexpr std::uint8_t second_high[16] = {too_short, too_short, too_short, too_short, too_short, too_short,
                                                      too_short, too_short, tail_8,    tail_9,    tail_ab,   tail_ab,
                                                      too_short, too_short, too_short, too_short};

__m128i load(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

// Nonzero where `v`, which follows `before`, is wrong.
__attribute__((target("ssse3"))) __m128i wrong_bytes(__m128i v, __m128i before) {
  const __m128i half = _mm_set1_epi8(0x0f);
  const __m128i prev1 = _mm_alignr_epi8(v, before, 15);
  const __m128i prev2 = _mm_alignr_epi8(v, before, 14);
  const __m128i prev3 = _mm_alignr_epi8(v, before, 13);
  const auto high = [half](__m128i x) { return _mm_and_si128(_mm_srli_epi16(x, 4), half); };
  const __m128i pairs = _mm_and_si128(_mm_and_si128(_mm_shuffle_epi8(load(first_high), high(prev1)),
                                                    _mm_shuffle_epi8(load(first_low), _mm_and_si128(prev1, half))),
                                      _mm_shuffle_epi8(load(second_high), high(v)));
  const __m128i third = _mm_subs_epu8(prev2, _mm_set1_epi8(static_cast<char>(0xe0 - 0x80)));
  const __m128i fourth = _mm_subs_epu8(prev3, _mm_set1_epi8(static_cast<char>(0xf0 - 0x80)));
  const __m128i must_be_tail = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8(static_cast<char>(0x80)));
  // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
  const __m128i be = _mm_set1_epi8(static_cast<char>(0xbe));
  const __m128i non_character =
      _mm_and_si128(_mm_and_si128(_mm_cmpeq_epi8(prev2, _mm_set1_epi8(static_cast<char>(0xef))),
                                  _mm_cmpeq_epi8(prev1, _mm_set1_epi8(static_cast<char>(0xbf)))),
                    _mm_cmpeq_epi8(_mm_max_epu8(v, be), v));
  return _mm_or_si128(_mm_or_si128(_mm_xor_si128(must_be_tail, pairs), non_character), forbidden_controls(v));
}

__attribute__((target("ssse3"))) bool valid_by_vectors(std::string_view text) {
  __m128i before = _mm_setzero_si128(), wrong = _mm_setzero_si128();
  while (text.size() >= 16) {
    const __m128i v = load(text.data());
    wrong = _mm_or_si128(wrong, wrong_bytes(v, before));
    before = v;
    text.remove_prefix(16);
  }
  // The rest, and a character that is cut off at the end: filled up with spaces, which are no tails.
  alignas(16) char rest[16];
  std::memset(rest, ' ', sizeof rest);
  std::memcpy(rest, text.data(), text.size());
  wrong = _mm_or_si128(wrong, wrong_bytes(load(rest), before));
  return _mm_movemask_epi8(_mm_cmpeq_epi8(wrong, _mm_setzero_si128())) == 0xffff;
}

// The length of the longest run from the start, in steps of 64, that is ASCII and allowed.
std::size_t plain_ascii(std::string_view text) {
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) {
    __m128i unusual = _mm_setzero_si128();
    for (std::size_t i = 0; i < 64; i += 16) {
      const __m128i v = load(text.data() + at + i);
      const __m128i sign = _mm_and_si128(v, _mm_set1_epi8(static_cast<char>(0x80)));
      unusual = _mm_or_si128(unusual, _mm_or_si128(sign, forbidden_controls(v)));
    }
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(unusual, _mm_setzero_si128())) != 0xffff) break;
  }
  return at;
}

}  // namespace

bool valid_characters(std::string_view text) {
  text.remove_prefix(plain_ascii(text));
  return __builtin_cpu_supports("ssse3") ? valid_by_vectors(text) : valid_characters_plain(text);
}
#else
bool valid_characters(std::string_view text) { return valid_characters_plain(text); }
#endif

}  // namespace meerkat::xml
