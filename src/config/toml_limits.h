// SPDX-License-Identifier: Apache-2.0
// Finds keys such as a.a.a.a… before the TOML library sees them: it has no limit on them, and would make tables
// nested so deep that walking them overflows the stack.
#pragma once

#include <optional>
#include <string_view>

#include "config/node.h"

namespace meerkat::config {

inline constexpr unsigned most_names_in_key = 32;

// The place of the first key of too many names. `text` need not be valid TOML.
std::optional<Place> place_of_deep_key(std::string_view text);

}  // namespace meerkat::config
