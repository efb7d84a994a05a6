// SPDX-License-Identifier: Apache-2.0
// The configuration as the server starts from it: read, checked as a whole, and worked out for every host type.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/node.h"
#include "config/problem.h"
#include "core/module_entry.h"
#include "server/all_modules.h"
#include "server/host_config_section.h"
#include "server/settings.h"

namespace meerkat {

// One host type, with its modules ready to start.
struct HostConfiguration {
  HostSettings settings;
  ConfiguredModules modules;
};

struct Configuration {
  std::filesystem::path file;
  config::Node tree;  // what was in the file, for comparing it with a later one
  Settings settings;
  std::vector<HostConfiguration> hosts;  // in the order of host_settings()
};

// Nothing when there were errors; all problems are reported, warnings too.
std::optional<Configuration> read_configuration(const std::filesystem::path& file, config::Problems& problems);
// The same from a tree. The answer is of use only if there were no errors.
Configuration configure(config::Node tree, config::Problems& problems);

// Every option there is, modules as modules.<name>.
std::vector<config::OptionDescription> configuration_description();

// docs/reference/configuration.md, and an annotated example.
std::string configuration_reference();
std::string configuration_example();
// A JSON schema (draft 7) of the file, for editors.
std::string configuration_schema();

}  // namespace meerkat
