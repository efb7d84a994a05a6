// SPDX-License-Identifier: Apache-2.0
// One log line = a level, a stable word that says what happened, and key=value fields.
// Fields are escaped: no newline, quote or terminal escape of a peer reaches the terminal.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace meerkat {

enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, none };

// One key and its value, alive for the duration of the call.
class LogField {
 public:
  LogField(std::string_view key, std::string_view text) : key_(key), text_(text) {}
  LogField(std::string_view key, const std::string& text) : key_(key), text_(text) {}
  LogField(std::string_view key, const char* text) : key_(key), text_(text) {}
  LogField(std::string_view key, bool yes) : key_(key), text_(yes ? "true" : "false") {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  LogField(std::string_view key, Number number)
      : key_(key), number_(static_cast<std::int64_t>(number)), is_number_(true) {}

  void append_to(std::string& line) const;

 private:
  std::string_view key_;
  std::string_view text_;
  std::int64_t number_ = 0;
  bool is_number_ = false;
};

using LogFields = std::initializer_list<LogField>;

// The level from which on lines are written; one atomic read. Any thread.
bool logs_at(LogLevel level);
void set_log_level(LogLevel level);
LogLevel log_level();

// Writes one line in logfmt to standard error. Any thread.
void log(LogLevel level, std::string_view what, LogFields fields = {});

inline void log_debug(std::string_view what, LogFields fields = {}) {
  if (logs_at(LogLevel::debug)) log(LogLevel::debug, what, fields);
}
inline void log_info(std::string_view what, LogFields fields = {}) { log(LogLevel::info, what, fields); }
inline void log_notice(std::string_view what, LogFields fields = {}) { log(LogLevel::notice, what, fields); }
inline void log_warning(std::string_view what, LogFields fields = {}) { log(LogLevel::warning, what, fields); }
inline void log_error(std::string_view what, LogFields fields = {}) { log(LogLevel::error, what, fields); }

}  // namespace meerkat
