// SPDX-License-Identifier: Apache-2.0
// The sub-commands of `meerkat bench`, each from its first client to its figures.
#pragma once

#include "admin/bench/run.h"

namespace meerkat::bench {

struct Result {
  Report report;
  bool good = false;  // nothing failed, nothing was lost
};

Result bench_login(Run& run);
Result bench_idle(Run& run);
Result bench_register(Run& run);
Result bench_chat(Run& run);

// For all modes: what was done, how it ended, and who failed.
Report begin_report(const Run& run, std::string_view mode, Outcome outcome);

}  // namespace meerkat::bench
