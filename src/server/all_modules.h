// SPDX-License-Identifier: Apache-2.0
// The modules there are, and those that the configuration starts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/node.h"
#include "config/problem.h"
#include "core/module_entry.h"

namespace meerkat {

// The one list that a new module adds a line to.
std::vector<ModuleEntry> all_modules();

using ConfiguredModules = std::vector<std::unique_ptr<const ConfiguredModule>>;

// One for each table of `tables`, which stands at `path`, with the options it has there. What MongooseIM has and
// Meerkat has not is a warning, what nobody knows an error. `tables` may be null: there are no modules then.
ConfiguredModules configured_modules(const config::Node* tables, const std::string& path, config::Problems& problems);

}  // namespace meerkat
