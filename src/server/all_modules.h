// SPDX-License-Identifier: Apache-2.0
// The modules there are, and those that the configuration starts.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/node.h"
#include "config/problem.h"
#include "core/module_entry.h"

namespace meerkat {

// The one list that a new module adds a line to.
std::vector<ModuleEntry> all_modules();

// One for each module that has a table under [modules], with the options it has there. Unknown modules are problems.
std::vector<std::unique_ptr<const ConfiguredModule>> configured_modules(const std::optional<config::Node>& tables,
                                                                        const ModuleSurroundings& around,
                                                                        config::Problems& problems);

}  // namespace meerkat
