// SPDX-License-Identifier: Apache-2.0
// XEP-0082 XMPP Date and Time Profiles: the DateTime profile, written in UTC and read strictly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace meerkat {

// How much of a second is written.
enum class Fraction : std::uint8_t { none, milliseconds, microseconds };

// "2024-05-06T07:08:09Z", with ".123" or ".123456" when asked for. Rounds down. Any thread.
std::string date_time(WallTime time, Fraction fraction = Fraction::none);

// Reads CCYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm) (XEP-0082 §3.2) and nothing else: no missing offset, no lower case, no
// leap second. Digits of the fraction beyond nanoseconds are dropped. WallTime ends in 1677 and 2262; what lies outside
// (clients ask archives for "until 9999") comes out as its first or last whole second. Any thread.
std::optional<WallTime> parse_date_time(std::string_view text);

}  // namespace meerkat
