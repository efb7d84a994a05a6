// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include <fmt/format.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/log_line.h"
#include "base/log_tail.h"

namespace meerkat {
namespace {

constexpr std::string_view modules_floor = "modules";
constexpr std::string_view module_prefix = "mod_";

std::size_t floor_of(std::string_view place) {
  if (place.starts_with(module_prefix)) place = modules_floor;
  return static_cast<std::size_t>(std::ranges::find(log_floors, place) - log_floors.begin());
}

struct KeptLevels {
  std::shared_mutex mutex;
  LogLevels levels;
};

KeptLevels& kept_levels() {
  static KeptLevels kept;
  return kept;
}

// Under the lock. Threads that log meanwhile see floors change one by one, which does no harm.
void publish(const LogLevels& levels) {
  std::array<LogLevel, log_floors.size()> lowest;
  lowest.fill(levels.general);
  for (const auto& [place, level] : levels.of)
    if (const std::size_t floor = floor_of(place); log_floors[floor] == place) lowest[floor] = level;
  for (const auto& [place, level] : levels.of)
    if (place.starts_with(module_prefix)) lowest[floor_of(place)] = std::min(lowest[floor_of(place)], level);
  for (std::size_t i = 0; i < lowest.size(); ++i)
    log_detail::lowest[i].level.store(lowest[i], std::memory_order_relaxed);
}

// systemd names the device and inode of the journal's socket that it connected standard error to (sd-daemon(3)).
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

// The numbers of syslog(3), as the journal reads them in front of a line.
int syslog_priority(LogLevel level) {
  constexpr std::array priorities{7, 6, 5, 4, 3, 2, 2};
  return priorities[static_cast<std::size_t>(level)];
}

struct Output {
  std::mutex mutex;
  LogOutput wanted;
  bool to_journal = stderr_is_journal();
  bool failing = false;
  std::shared_ptr<spdlog::sinks::sink> sink = plain(std::make_shared<spdlog::sinks::stderr_sink_st>());

  static std::shared_ptr<spdlog::sinks::sink> plain(std::shared_ptr<spdlog::sinks::sink> sink) {
    sink->set_pattern("%v");
    return sink;
  }
};

Output& output() {
  static Output it;
  return it;
}

// A full disk is told once, at the only place left; lines are lost until there is room again.
void tell_failure(Output& out, bool failed, const char* error) {
  if (failed && !out.failing)
    std::fprintf(stderr, "meerkat: log lines are lost: %s\n", error);
  else if (!failed && out.failing)
    std::fprintf(stderr, "meerkat: the log is written again\n");
  out.failing = failed;
}

void write(Output& out, const std::string& line) {
  try {
    out.sink->log(spdlog::details::log_msg{"", spdlog::level::info, line});
    out.sink->flush();
    tell_failure(out, false, "");
  } catch (const spdlog::spdlog_ex& failure) {  // handled here: nobody else can do more about it
    tell_failure(out, true, failure.what());
  }
}

}  // namespace

std::string_view name_of(LogLevel level) {
  constexpr std::string_view names[] = {"debug", "info", "notice", "warning", "error", "critical", "none"};
  return names[static_cast<std::size_t>(level)];
}

bool is_log_place(std::string_view name) {
  if (name.starts_with(module_prefix)) return name.size() > module_prefix.size();
  return name != log_floors[0] && floor_of(name) < log_floors.size();
}

void set_log_levels(LogLevels levels) {
  std::erase_if(levels.of, [](const auto& entry) { return !is_log_place(entry.first); });
  KeptLevels& kept = kept_levels();
  const std::unique_lock lock{kept.mutex};
  kept.levels = std::move(levels);
  publish(kept.levels);
}

void set_log_level(LogLevel level) {
  LogLevels levels = log_levels();
  levels.general = level;
  set_log_levels(std::move(levels));
}

bool set_log_level(std::string_view place, LogLevel level) {
  if (!is_log_place(place)) return false;
  LogLevels levels = log_levels();
  levels.of.insert_or_assign(std::string{place}, level);
  set_log_levels(std::move(levels));
  return true;
}

LogLevel log_level() { return log_levels().general; }

LogLevels log_levels() {
  KeptLevels& kept = kept_levels();
  const std::shared_lock lock{kept.mutex};
  return kept.levels;
}

bool log_detail::room_logs_at(LogLevel level, const LogPlace& place) {
  KeptLevels& kept = kept_levels();
  const std::shared_lock lock{kept.mutex};
  const LogLevels& levels = kept.levels;
  auto found = levels.of.find(std::string{module_prefix}.append(place.room));
  if (found == levels.of.end()) found = levels.of.find(log_floors[place.floor]);
  return level >= (found != levels.of.end() ? found->second : levels.general);
}

std::expected<void, std::string> set_log_output(const LogOutput& wanted) {
  Output& out = output();
  const std::lock_guard lock{out.mutex};
  std::shared_ptr<spdlog::sinks::sink> sink;
  try {
    if (wanted.file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    else
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_st>(wanted.file.string(), wanted.rotate_size,
                                                                    wanted.rotate_files);
  } catch (const spdlog::spdlog_ex& failure) {  // told to the operator instead
    return std::unexpected(
        fmt::format("the log cannot be written to {}: {}; give a file in a directory that the "
                    "server's user may write to, or output = \"stderr\"",
                    wanted.file.string(), failure.what()));
  }
  out.wanted = wanted;
  out.sink = Output::plain(std::move(sink));
  out.to_journal = wanted.file.empty() && stderr_is_journal();
  return {};
}

void log(LogLevel level, const LogWord& what, LogFields fields) {
  if (!logs_at(level, what.place)) return;
  const WallTime logged_at = std::chrono::system_clock::now();
  log_tail().add({.when = logged_at,
                  .level = level,
                  .what = std::string{what.word},
                  .room = log_room(what.place),
                  .fields = log_fields(fields)});
  Output& out = output();
  const std::lock_guard lock{out.mutex};
  std::optional<WallTime> now;
  if (!out.to_journal) now = logged_at;
  std::string line = log_line(out.wanted.format, now, level, what, fields);
  if (out.to_journal) line.insert(0, fmt::format("<{}>", syslog_priority(level)));
  write(out, line);
}

}  // namespace meerkat
