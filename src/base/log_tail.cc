// SPDX-License-Identifier: Apache-2.0
#include "base/log_tail.h"

#include <algorithm>
#include <utility>

namespace meerkat {
namespace {

std::size_t size_of(const LoggedLine& line) {
  return sizeof line + line.what.size() + line.room.size() + line.fields.size();
}

}  // namespace

void LogTail::add(LoggedLine line) {
  const std::lock_guard lock{mutex_};
  line.number = ++last_;
  bytes_ += size_of(line);
  lines_.push_back(std::move(line));
  while (lines_.size() > most_lines || (bytes_ > most_bytes && lines_.size() > 1)) {
    bytes_ -= size_of(lines_.front());
    lines_.pop_front();
  }
}

std::vector<LoggedLine> LogTail::since(std::uint64_t number, LogLevel level, std::size_t most) const {
  std::vector<LoggedLine> found;
  const std::lock_guard lock{mutex_};
  for (auto line = lines_.rbegin(); line != lines_.rend() && line->number > number && found.size() < most; ++line)
    if (line->level >= level) found.push_back(*line);
  std::ranges::reverse(found);
  return found;
}

LogTail& log_tail() {
  static LogTail tail;
  return tail;
}

}  // namespace meerkat
