// SPDX-License-Identifier: Apache-2.0
#include "server/read_settings.h"

#include "config/reference.h"
#include "config/toml_reader.h"
#include "server/all_modules.h"

namespace meerkat {

std::optional<Settings> read_settings(const std::filesystem::path& file, config::Problems& problems) {
  const auto root = config::read_toml_file(file, problems);
  if (!root) return std::nullopt;
  Settings settings = settings_section().read(&*root, problems);
  if (problems.any_errors()) return std::nullopt;
  return settings;
}

ModuleSurroundings surroundings_of(const Settings& settings) {
  return {.registration_timeout = settings.general.registration_timeout,
          .allows = [rules = AccessRules{settings.access}](std::string_view rule, const Jid& who) {
            return rules.allows(rule, who);
          }};
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
