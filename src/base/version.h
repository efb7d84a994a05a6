// SPDX-License-Identifier: Apache-2.0
// The version of this program, as it is told to operators and clients (XEP-0092).
#pragma once

#include <string_view>

namespace meerkat {

inline constexpr std::string_view version = "0.1.0";

}  // namespace meerkat
