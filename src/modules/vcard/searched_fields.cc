// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/searched_fields.h"

#include <algorithm>

#include "base/text.h"
#include "xmpp/stringprep.h"

namespace meerkat {

std::string folded(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (is_ascii(lower)) return lower;
  return nameprep(text).value_or(std::move(lower));
}

}  // namespace meerkat
