// SPDX-License-Identifier: Apache-2.0
#include "admin/live/process_figures.h"

#include <malloc.h>
#include <sys/stat.h>

#include <cstddef>
#include <ctime>

// mimalloc, when the program is linked with it (decision 0007).
extern "C" {
[[gnu::weak]] void mi_process_info(std::size_t* elapsed_msecs, std::size_t* user_msecs, std::size_t* system_msecs,
                                   std::size_t* current_rss, std::size_t* peak_rss, std::size_t* current_commit,
                                   std::size_t* peak_commit, std::size_t* page_faults);
}

namespace meerkat::admin {
namespace {

std::chrono::nanoseconds time_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

std::optional<std::int64_t> heap_memory() {
  if (mi_process_info != nullptr) {
    std::size_t commit = 0;
    std::size_t unused = 0;
    mi_process_info(&unused, &unused, &unused, &unused, &unused, &commit, &unused, &unused);
    return static_cast<std::int64_t>(commit);
  }
  const struct mallinfo2 facts = ::mallinfo2();
  return static_cast<std::int64_t>(facts.arena + facts.hblkhd);
}

std::optional<std::int64_t> open_descriptors() {
  struct stat status{};
  if (::stat("/proc/self/fd", &status) != 0 || status.st_size == 0) return {};
  return static_cast<std::int64_t>(status.st_size);
}

std::chrono::nanoseconds cpu_time_of_process() { return time_of(CLOCK_PROCESS_CPUTIME_ID); }
std::chrono::nanoseconds cpu_time_of_thread() { return time_of(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace meerkat::admin
