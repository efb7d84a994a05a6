// SPDX-License-Identifier: Apache-2.0
// The invariants of fuzz targets: what does not hold is said, and ends the run.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace meerkat::fuzz {

inline void require(bool holds, const char* what, const std::string& seen = {}) {
  if (holds) return;
  std::fprintf(stderr, "it does not hold that %s\n%s\n", what, seen.c_str());
  std::abort();
}

}  // namespace meerkat::fuzz
