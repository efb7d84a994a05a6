// SPDX-License-Identifier: Apache-2.0
// From TOML text to nodes. The only place that knows the TOML library.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "config/node.h"
#include "config/problem.h"

namespace meerkat::config {

// The root table, or nothing and a problem with its place. Later problems are reported under `file_name`.
std::optional<Node> read_toml(std::string_view text, std::string_view file_name, Problems& problems);

// Also reports files that are missing, not readable, or not called *.toml.
std::optional<Node> read_toml_file(const std::filesystem::path& path, Problems& problems);

}  // namespace meerkat::config
