// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "server/check/checks.h"
#include "server/descriptors.h"

namespace meerkat {
namespace {

// Of the server and of the kernel together, for an idle session with TLS (docs/benchmarks.md), rounded up.
constexpr std::uint64_t bytes_per_session = 16 * 1024;
constexpr std::uint64_t few_sessions = 1000;
constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

// "MemAvailable:   12345 kB" in /proc/meminfo.
std::uint64_t memory_of_machine() {
  std::ifstream file{"/proc/meminfo"};
  std::string word;
  std::uint64_t kilobytes = 0;
  while (file >> word)
    if (word == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  return unlimited;
}

// Of the control group, as containers and systemd's MemoryMax= set it; "max" means none.
std::uint64_t memory_of_group() {
  std::ifstream file{"/sys/fs/cgroup/memory.max"};
  std::uint64_t bytes = 0;
  return file >> bytes ? bytes : unlimited;
}

std::uint64_t limit_of(__rlimit_resource resource) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 ? limit.rlim_max : RLIM_INFINITY;
}

}  // namespace

void check_limits(Findings& findings) {
  const std::uint64_t descriptors = limit_of(RLIMIT_NOFILE), sessions = sessions_within(descriptors);
  const std::string allowed =
      fmt::format("{} descriptors allow {} sessions when the server is started from here", descriptors, sessions);
  if (sessions < few_sessions)
    findings.warn("descriptors", allowed + "; raise LimitNOFILE= in the unit of systemd, or `ulimit -Hn`");
  else
    findings.ok("descriptors", allowed);

  const std::uint64_t memory = std::min({memory_of_machine(), memory_of_group(), std::uint64_t{limit_of(RLIMIT_AS)}});
  if (memory == unlimited) return;
  const std::string room =
      fmt::format("{} MB are free, room for about {} idle sessions", memory >> 20, memory / bytes_per_session);
  if (memory / bytes_per_session < few_sessions)
    findings.warn("memory", room + "; give the machine or the container more");
  else
    findings.ok("memory", room);
}

}  // namespace meerkat
