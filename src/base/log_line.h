// SPDX-License-Identifier: Apache-2.0
// How a log line looks, as logfmt or as JSON. No I/O.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"

namespace meerkat {

// A value longer than this many bytes is cut: a peer decides how long many of them are.
inline constexpr std::size_t longest_log_value = 2000;

// One line without its end: always valid UTF-8 without control characters; as JSON always one valid object.
// `when` is left out where somebody else notes the time.
std::string log_line(LogFormat format, std::optional<WallTime> when, LogLevel level, const LogWord& what,
                     LogFields fields);

// The fields alone, as logfmt.
std::string log_fields(LogFields fields);
// "streams", "mod_ping": where a line comes from.
std::string log_room(const LogPlace& place);

// "2026-11-21T13:37:00.123Z": RFC 3339 in UTC.
std::string log_time(WallTime when);

}  // namespace meerkat
