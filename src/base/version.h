// SPDX-License-Identifier: Apache-2.0
// What this program is called, and which release of it this is.
#pragma once

#include <string_view>

namespace meerkat {

inline constexpr std::string_view product_name = "Meerkat";
inline constexpr std::string_view product_version = "0.1.0";

}  // namespace meerkat
