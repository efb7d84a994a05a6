// SPDX-License-Identifier: Apache-2.0
#include "server/descriptors.h"

#include <sys/resource.h>

namespace meerkat {
namespace {

// Descriptors that are not sessions: listeners, loops, the database, standard streams.
constexpr std::uint64_t other_descriptors = 64;

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::uint64_t sessions_within(std::uint64_t descriptors) {
  return descriptors > other_descriptors ? descriptors - other_descriptors : 0;
}

}  // namespace meerkat
