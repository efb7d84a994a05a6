// SPDX-License-Identifier: Apache-2.0
// The last lines of the log, kept in memory for those who look at the server while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace meerkat {

// As it was logged: texts are escaped already, so that nothing in them steers a terminal.
struct LoggedLine {
  std::uint64_t number = 0;  // counted from 1
  WallTime when;
  LogLevel level = LogLevel::notice;
  std::string what;
  std::string room;    // "streams", "mod_ping"
  std::string fields;  // logfmt
};

// Bounded in lines and in bytes; the oldest make room. Any thread.
class LogTail {
 public:
  static constexpr std::size_t most_lines = 1000;
  static constexpr std::size_t most_bytes = 512 * 1024;

  void add(LoggedLine line);
  // The newest `most` of the lines after the one of that number and of this level at least, oldest first.
  std::vector<LoggedLine> since(std::uint64_t number, LogLevel level, std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::deque<LoggedLine> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
};

// What this process has logged.
LogTail& log_tail();

}  // namespace meerkat
