// SPDX-License-Identifier: Apache-2.0
#include "server/all_modules.h"

#include <algorithm>
#include <string_view>

#include "modules/disco/disco.h"
#include "modules/ping/ping.h"
#include "modules/register/register.h"
#include "modules/time/time.h"
#include "modules/version/version.h"

namespace meerkat {

std::vector<ModuleEntry> all_modules() {
  return {disco_module(), ping_module(), register_module(), time_module(), version_module()};
}

std::vector<std::unique_ptr<const ConfiguredModule>> configured_modules(const std::optional<config::Node>& tables,
                                                                        const ModuleSurroundings& around,
                                                                        config::Problems& problems) {
  std::vector<std::unique_ptr<const ConfiguredModule>> configured;
  if (!tables) return configured;
  const std::vector<ModuleEntry> known = all_modules();
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const ModuleEntry& entry : known) names.push_back(entry.name);
  if (tables->table() == nullptr) {
    problems.add(tables->place(), "modules", "modules are tables, such as [modules.mod_ping]");
    return configured;
  }
  for (const config::NodeEntry& wanted : *tables->table()) {
    const std::string path = "modules." + wanted.key;
    const auto entry = std::ranges::find(known, wanted.key, &ModuleEntry::name);
    if (entry == known.end()) {
      problems.add(wanted.place, path, "there is no such module" + config::did_you_mean(wanted.key, names));
      continue;
    }
    if (auto module = entry->configure(&wanted.node, problems, path, around)) configured.push_back(std::move(module));
  }
  return configured;
}

}  // namespace meerkat
