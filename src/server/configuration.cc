// SPDX-License-Identifier: Apache-2.0
#include "server/configuration.h"

#include <set>

#include <fmt/format.h>

#include "config/reference.h"
#include "config/toml_reader.h"
#include "server/references.h"

namespace meerkat {
namespace {

// Each host type has modules of its own; what is wrong with a table that several share is told once.
std::vector<HostConfiguration> configure_hosts(const Settings& settings, config::Problems& problems) {
  std::vector<HostConfiguration> hosts;
  std::set<std::string> told;
  const auto configure_one = [&](const HostSettings& host) {
    config::Problems known;
    return configured_modules(host.modules ? &*host.modules : nullptr, host.modules_path,
                              told.insert(host.modules_path).second ? problems : known);
  };
  for (HostSettings& host : host_settings(settings)) {
    ConfiguredModules modules = configure_one(host);
    hosts.push_back({std::move(host), std::move(modules)});
  }
  // Tables that no host type uses have mistakes, too.
  if (!told.contains("modules")) configure_one({.modules = settings.modules, .modules_path = "modules"});
  for (std::size_t i = 0; i < settings.host_config.size(); ++i) {
    std::string path = fmt::format("host_config[{}].modules", i);
    if (!told.contains(path))
      configure_one({.modules = settings.host_config[i].modules, .modules_path = std::move(path)});
  }
  return hosts;
}

}  // namespace

Configuration configure(config::Node tree, config::Problems& problems) {
  Configuration configuration{.tree = std::move(tree)};
  configuration.settings = settings_section().read(&configuration.tree, problems);
  check_references(configuration.settings, configuration.tree, problems);
  configuration.hosts = configure_hosts(configuration.settings, problems);
  return configuration;
}

std::optional<Configuration> read_configuration(const std::filesystem::path& file, config::Problems& problems) {
  auto root = config::read_toml_file(file, problems);
  if (!root) return std::nullopt;
  Configuration configuration = configure(std::move(*root), problems);
  if (problems.any_errors()) return std::nullopt;
  return configuration;
}

std::string configuration_reference() {
  std::string page =
      "# Configuration\n\nThe options of the configuration file, printed by `meerkat config reference`.\n\n" +
      config::reference_page(settings_section().describe());
  for (const ModuleEntry& module : all_modules()) page += "\n" + config::reference_page(module.describe());
  return page;
}

std::string configuration_example() {
  std::string file = config::example_file(settings_section().describe());
  for (const ModuleEntry& module : all_modules()) file += "\n" + config::example_file(module.describe());
  return file;
}

}  // namespace meerkat
