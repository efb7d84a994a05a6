// SPDX-License-Identifier: Apache-2.0
// The `log` table: how the log looks, where it goes, and how much of it there is.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/log.h"
#include "config/section.h"

namespace meerkat {

struct LogSettings {
  LogFormat format = LogFormat::logfmt;
  std::string output = "stderr";
  config::Bytes rotate_size{10u << 20};
  std::uint32_t rotate_files = 5;
  std::map<std::string, LogLevel> levels;
};

config::Section<LogSettings> log_section();

// For set_log_output and set_log_levels; `general` is general.loglevel.
LogOutput log_output(const LogSettings& settings);
LogLevels log_levels(const LogSettings& settings, LogLevel general);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::LogLevel> {
  using enum meerkat::LogLevel;
  static constexpr EnumName names[] = {
      {none, "none"},       {critical, "critical"}, {critical, "alert"}, {critical, "emergency"}, {error, "error"},
      {warning, "warning"}, {notice, "notice"},     {info, "info"},      {debug, "debug"},        {debug, "all"}};
};

template <>
struct meerkat::config::EnumNames<meerkat::LogFormat> {
  using enum meerkat::LogFormat;
  static constexpr EnumName names[] = {{logfmt, "logfmt"}, {json, "json"}};
};
