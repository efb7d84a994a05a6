// SPDX-License-Identifier: Apache-2.0
// Times and sizes as people write them: "10s", "5min", "256KB".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/units.h"

namespace meerkat::config {

// A whole number and one of ns, us, ms, s, min (or m), h, d. Nothing if it is written otherwise, or beyond 292 years.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// In the largest unit that divides it: "90s", "2min".
std::string to_text(std::chrono::nanoseconds time);

// A whole number and one of B, KB, MB, GB, TB (KiB, MiB, ... mean the same, small letters as well).
std::optional<Bytes> parse_bytes(std::string_view text);

}  // namespace meerkat::config
