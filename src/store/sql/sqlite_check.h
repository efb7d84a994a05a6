// SPDX-License-Identifier: Apache-2.0
// Looks at an embedded store without changing it, also while a server uses it: for `meerkat check`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace meerkat::sql {

struct StoreState {
  bool exists = false;
  bool in_use = false;  // by a server that runs
  std::string problem;  // why it cannot be opened, or what is damaged; empty when it is well
  std::vector<std::pair<std::string, std::int64_t>> versions;  // of each schema, the newest migration
};

// Reads the whole database: seconds for gigabytes. Blocks; not on a worker.
StoreState look_at_sqlite(const std::filesystem::path& directory);

}  // namespace meerkat::sql
