// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace meerkat {
namespace {

std::atomic<LogLevel> threshold{LogLevel::notice};

spdlog::level::level_enum in_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
    case LogLevel::notice:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::critical:
      return spdlog::level::critical;
    case LogLevel::none:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

std::string_view name_of(LogLevel level) {
  constexpr std::string_view names[] = {"debug", "info", "notice", "warning", "error", "critical", "none"};
  return names[static_cast<std::size_t>(level)];
}

spdlog::logger& sink() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("meerkat", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    made->set_pattern("when=%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *logger;
}

void append_quoted(std::string& line, std::string_view text) {
  bool plain = !text.empty();
  for (const char c : text) plain = plain && c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  if (plain) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

void LogField::append_to(std::string& line) const {
  line += ' ';
  line += key_;
  line += '=';
  if (is_number_)
    fmt::format_to(std::back_inserter(line), "{}", number_);
  else
    append_quoted(line, text_);
}

bool logs_at(LogLevel level) { return level >= threshold.load(std::memory_order_relaxed); }
void set_log_level(LogLevel level) { threshold.store(level, std::memory_order_relaxed); }
LogLevel log_level() { return threshold.load(std::memory_order_relaxed); }

void log(LogLevel level, std::string_view what, LogFields fields) {
  if (!logs_at(level)) return;
  std::string line = fmt::format("level={} what={}", name_of(level), what);
  for (const LogField& field : fields) field.append_to(line);
  sink().log(in_spdlog(level), "{}", line);
}

}  // namespace meerkat
