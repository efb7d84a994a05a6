// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/server_process.h"

#include <sys/resource.h>

#include <charconv>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace meerkat::bench {
namespace {

std::string content_of(pid_t pid, const char* file) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/" + file};
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

std::optional<std::uint64_t> number_at(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data() + from, text.data() + text.size(), number);
  if (problem != std::errc{}) return std::nullopt;
  return number;
}

std::chrono::nanoseconds in_chrono(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

}  // namespace

std::optional<std::uint64_t> resident_kb_in(std::string_view smaps_rollup) {
  const std::size_t line = smaps_rollup.find("\nRss:");
  if (line == std::string_view::npos) return std::nullopt;
  return number_at(smaps_rollup.substr(line + 5));
}

// /proc/PID/stat would say the same in ticks of 10 ms.
std::optional<std::chrono::nanoseconds> ServerProcess::cpu() const {
  if (!wanted()) return std::nullopt;
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return std::nullopt;
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

std::optional<std::uint64_t> ServerProcess::resident() const {
  if (!wanted()) return std::nullopt;
  const auto kilobytes = resident_kb_in(content_of(pid_, "smaps_rollup"));
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

std::chrono::nanoseconds own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return in_chrono(usage.ru_utime) + in_chrono(usage.ru_stime);
}

}  // namespace meerkat::bench
