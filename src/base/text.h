// SPDX-License-Identifier: Apache-2.0
// Small work on text: base64, hex, characters of UTF-8, the closest of several words.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meerkat {

// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);

// Strict: no white space, padding required, no stray bits. Empty text decodes to nothing.
std::optional<std::string> from_base64(std::string_view text);

// Lower-case hexadecimal.
std::string hex(std::string_view bytes);

// Compares without telling by its time where the first difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// The word of `words` that somebody who typed `typed` most likely meant; nothing if none is near.
std::optional<std::string_view> closest(std::string_view typed, std::span<const std::string_view> words);

bool is_ascii(std::string_view text);

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0: the first byte begins no character
};

// The first character of a text that is not empty. RFC 3629 §3: no overlong forms, no surrogates, nothing above
// U+10FFFF.
CodePoint first_code_point(std::string_view text);

}  // namespace meerkat
