// SPDX-License-Identifier: Apache-2.0
// One log line = a time, a level, a stable word that says what happened, the room it comes from, and fields.
// Fields are escaped: no newline, quote or terminal escape of a peer reaches the terminal, and every line is UTF-8.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/log_place.h"

namespace meerkat {

enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, none };
enum class LogFormat : std::uint8_t { logfmt, json };

std::string_view name_of(LogLevel level);

// One key and its value, alive for the duration of the call.
class LogField {
 public:
  enum class Kind : std::uint8_t { text, number, flag };

  LogField(std::string_view key, std::string_view text) : key_(key), text_(text) {}
  LogField(std::string_view key, const std::string& text) : key_(key), text_(text) {}
  LogField(std::string_view key, const char* text) : key_(key), text_(text) {}
  LogField(std::string_view key, bool yes) : key_(key), number_(yes), kind_(Kind::flag) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  LogField(std::string_view key, Number number)
      : key_(key), number_(static_cast<std::int64_t>(number)), kind_(Kind::number) {}

  std::string_view key() const { return key_; }
  Kind kind() const { return kind_; }
  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  // 0 or 1 for a flag

 private:
  std::string_view key_;
  std::string_view text_;
  std::int64_t number_ = 0;
  Kind kind_ = Kind::text;
};

using LogFields = std::initializer_list<LogField>;

// From which level on lines are written: everywhere, and differently on a floor ("streams") or in a module
// ("mod_ping"); a module goes before its floor.
struct LogLevels {
  LogLevel general = LogLevel::notice;
  std::map<std::string, LogLevel, std::less<>> of;

  friend bool operator==(const LogLevels&, const LogLevels&) = default;
};

// Where lines go and how they look.
struct LogOutput {
  LogFormat format = LogFormat::logfmt;
  std::filesystem::path file;                           // empty: standard error
  std::uint64_t rotate_size = std::uint64_t{10} << 20;  // bytes, then the file becomes FILE.1
  std::uint32_t rotate_files = 5;                       // how many old ones are kept

  friend bool operator==(const LogOutput&, const LogOutput&) = default;
};

// All of these: any thread, at any time; what is logged meanwhile goes to the one or the other.
void set_log_level(LogLevel level);
void set_log_levels(LogLevels levels);
// For one floor or module; false when there is no such place. `is_log_place` asks only.
bool set_log_level(std::string_view place, LogLevel level);
bool is_log_place(std::string_view name);
LogLevel log_level();
LogLevels log_levels();
// The error is a sentence for the operator; then everything stays as it was. When standard error is the systemd
// journal, lines get its priorities in place of a time.
std::expected<void, std::string> set_log_output(const LogOutput& output);

namespace log_detail {
// The lowest level that anything on the floor is logged at.
struct FloorLevel {
  std::atomic<LogLevel> level{LogLevel::notice};
};
inline constinit std::array<FloorLevel, log_floors.size()> lowest{};
bool room_logs_at(LogLevel level, const LogPlace& place);
}  // namespace log_detail

// Whether lines of this level from here are written; one atomic read unless they might be. Any thread.
inline bool logs_at(LogLevel level, const LogPlace& place) {
  if (level < log_detail::lowest[place.floor].level.load(std::memory_order_relaxed)) return false;
  return place.room.empty() || log_detail::room_logs_at(level, place);
}
// What is costly to make for a line is made only then: if (logs_at(LogLevel::debug, LogWord{"…"}.place)).

// Writes one line. Any thread.
void log(LogLevel level, const LogWord& what, LogFields fields = {});

inline void log_debug(const LogWord& what, LogFields fields = {}) {
  if (logs_at(LogLevel::debug, what.place)) log(LogLevel::debug, what, fields);
}
inline void log_info(const LogWord& what, LogFields fields = {}) { log(LogLevel::info, what, fields); }
inline void log_notice(const LogWord& what, LogFields fields = {}) { log(LogLevel::notice, what, fields); }
inline void log_warning(const LogWord& what, LogFields fields = {}) { log(LogLevel::warning, what, fields); }
inline void log_error(const LogWord& what, LogFields fields = {}) { log(LogLevel::error, what, fields); }

}  // namespace meerkat
