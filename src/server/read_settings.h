// SPDX-License-Identifier: Apache-2.0
// Reading the configuration file, and printing what can be written there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/problem.h"
#include "core/module_entry.h"
#include "server/settings.h"

namespace meerkat {

// Nothing when there were errors; all problems are reported, warnings too.
std::optional<Settings> read_settings(const std::filesystem::path& file, config::Problems& problems);

// What modules are told of the rest.
ModuleSurroundings surroundings_of(const Settings& settings);

// docs/reference/configuration.md, and an annotated example.
std::string configuration_reference();
std::string configuration_example();

}  // namespace meerkat
