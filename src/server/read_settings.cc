// SPDX-License-Identifier: Apache-2.0
#include "server/read_settings.h"

#include "config/reference.h"
#include "config/toml_reader.h"

namespace meerkat {

std::optional<Settings> read_settings(const std::filesystem::path& file, config::Problems& problems) {
  const auto root = config::read_toml_file(file, problems);
  if (!root) return std::nullopt;
  Settings settings = settings_section().read(&*root, problems);
  if (problems.any_errors()) return std::nullopt;
  return settings;
}

std::string configuration_reference() { return config::reference_page(settings_section().describe()); }

std::string configuration_example() { return config::example_file(settings_section().describe()); }

}  // namespace meerkat
