// SPDX-License-Identifier: Apache-2.0
#include "core/limits/memory_reading.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace meerkat {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t unknown = UINT64_MAX;

// A number alone in a file; "max" and files that are not there are no limit.
std::uint64_t limit_in(const fs::path& file) {
  std::uint64_t limit = 0;
  return std::ifstream{file} >> limit ? limit : unknown;
}

// The limit of a group and of those around it.
std::uint64_t limit_of_groups(const fs::path& root, fs::path group, std::string_view file) {
  std::uint64_t least = limit_in(root / file);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path())
    least = std::min(least, limit_in(root / group / file));
  return least;
}

std::uint64_t limit_of_cgroups(const fs::path& proc, const fs::path& cgroups) {
  std::uint64_t least = unknown;
  std::ifstream lines{proc / "self" / "cgroup"};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty())
      least = std::min(least, limit_of_groups(cgroups, group, "memory.max"));
    else if (controllers == "memory")
      least = std::min(least, limit_of_groups(cgroups / "memory", group, "memory.limit_in_bytes"));
  }
  return least;
}

std::uint64_t memory_of_machine(const fs::path& proc) {
  std::ifstream file{proc / "meminfo"};
  std::string name;
  std::uint64_t kilobytes = 0;
  while (file >> name >> kilobytes) {
    if (name == "MemTotal:") return kilobytes * 1024;
    file.ignore(64, '\n');
  }
  return unknown;
}

}  // namespace

std::uint64_t resident_memory() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t all = 0, resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t memory_of_this_place(const fs::path& proc, const fs::path& cgroups) {
  return std::min(limit_of_cgroups(proc, cgroups), memory_of_machine(proc));
}

}  // namespace meerkat
