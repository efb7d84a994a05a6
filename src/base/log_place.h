// SPDX-License-Identifier: Apache-2.0
// Where in the house a log line comes from, found at compile time from the file that logs: a floor, or a room of
// modules/. The names of src/FLOORS, so that levels can be set for each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string_view>

namespace meerkat {

// "other" is for files outside of the floors (tests).
inline constexpr std::array<std::string_view, 17> log_floors{
    "other", "base",    "xml",     "xmpp",     "config",  "runtime",  "net",   "store", "core",
    "admin", "streams", "modules", "accounts", "cluster", "services", "tests", "server"};

struct LogPlace {
  std::uint8_t floor = 0;  // of log_floors
  std::string_view room;   // "ping" for src/modules/ping/…; empty on other floors

  static consteval LogPlace of_file(std::string_view file) {
    std::size_t src = file.rfind("/src/");
    src = src != std::string_view::npos ? src + 5 : file.starts_with("src/") ? 4 : std::string_view::npos;
    if (src == std::string_view::npos) return {};
    std::string_view path = file.substr(src);
    LogPlace place;
    for (std::size_t i = 0; i < log_floors.size(); ++i)
      if (path.starts_with(log_floors[i]) && path.substr(log_floors[i].size()).starts_with('/'))
        place.floor = static_cast<std::uint8_t>(i);
    if (log_floors[place.floor] != "modules") return place;
    path.remove_prefix(sizeof "modules/" - 1);
    if (const auto end = path.find('/'); end != std::string_view::npos) place.room = path.substr(0, end);
    return place;
  }
};

// The stable word of a log line, with the place of the line that says it.
struct LogWord {
  // Not explicit: a call names the word alone. It is a literal, so it cannot hold what a peer sent.
  consteval LogWord(const char* text, std::source_location where = std::source_location::current())
      : word(text), place(LogPlace::of_file(where.file_name())) {}

  // A name that is declared in the program, where it is not written at the call: an event's.
  static LogWord declared(std::string_view word, const LogPlace& place) {
    LogWord declared{"declared"};
    declared.word = word;
    declared.place = place;
    return declared;
  }

  std::string_view word;
  LogPlace place;
};

}  // namespace meerkat
