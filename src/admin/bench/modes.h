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
Result bench_contacts(Run& run);
Result bench_presence(Run& run);
Result bench_offline(Run& run);
Result bench_roster(Run& run);
Result bench_resume(Run& run);

// For all modes: what was done, how it ended, and who failed.
Report begin_report(const Run& run, std::string_view mode, Outcome outcome);
// Resident kilobytes of the server for each of `sessions` more than there were before; nothing when nothing is known.
void report_memory(Report& report, std::optional<std::uint64_t> before, std::optional<std::uint64_t> after,
                   std::uint64_t sessions);

}  // namespace meerkat::bench
