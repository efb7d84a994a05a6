// SPDX-License-Identifier: Apache-2.0
// The file with the latest report, so that everybody who runs a server sees what it tells.
#pragma once

#include <filesystem>
#include <string_view>

namespace meerkat {

inline constexpr std::string_view report_file_name = "system_metrics_report.json";

// Readers find the old file or the new one, complete; the server's user and group may read it. Blocks: not on a worker.
// Throws std::runtime_error with words for the operator.
void write_report_file(const std::filesystem::path& file, std::string_view text);

}  // namespace meerkat
