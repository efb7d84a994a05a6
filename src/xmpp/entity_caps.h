// SPDX-License-Identifier: Apache-2.0
// XEP-0115 and XEP-0390, Entity Capabilities: a disco#info answer as the text that is hashed, so that whoever hears the
// hash knows the answer. No I/O, no cache.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xml/element.h"

namespace meerkat {

// XEP-0115 §5.1. Nothing when the answer is ill-formed by §5.4, has no identity, or holds a character with which one
// part could be passed off as another (the attack of §9.3).
std::optional<std::string> caps_text(const xml::Element& query);

// XEP-0390 §4.1. `lang` is what counts where an identity names no language: that of the stanza. Nothing when the
// algorithm ends with an error.
std::optional<std::string> caps2_text(const xml::Element& query, std::string_view lang);

}  // namespace meerkat
