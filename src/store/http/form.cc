// SPDX-License-Identifier: Apache-2.0
#include "store/http/form.h"

#include <algorithm>

namespace meerkat::http {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// There is room for it.
void append_encoded(std::string& to, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      to += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    to += {'%', digits[byte >> 4], digits[byte & 15]};
  }
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  encoded.reserve(3 * text.size());
  append_encoded(encoded, text);
  return encoded;
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::size_t most = 0;
  for (const auto& [name, value] : fields) most += 3 * (name.size() + value.size()) + 2;
  std::string text;
  text.reserve(std::max<std::size_t>(most, 32));  // on the heap, and in one place: values may be secrets
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    append_encoded(text, name);
    text += '=';
    append_encoded(text, value);
  }
  return text;
}

}  // namespace meerkat::http
