// SPDX-License-Identifier: Apache-2.0
#include "server/service_domains.h"

#include <map>
#include <string>

#include <fmt/format.h>

namespace meerkat {
namespace {

config::Place place_of(const HostSettings& host, std::string_view module) {
  const config::NodeEntry* const table = host.modules ? host.modules->entry(module) : nullptr;
  return table != nullptr ? table->place : config::Place{};
}

}  // namespace

void check_service_domains(const std::vector<HostConfiguration>& hosts, config::Problems& problems) {
  std::map<std::string, std::string> taken;  // domain, by whom
  for (const HostConfiguration& host : hosts)
    for (const std::string& domain : host.settings.domains) taken.emplace(domain, "the host " + domain);
  for (const HostConfiguration& host : hosts)
    for (const std::string& domain : host.settings.domains)
      for (const auto& module : host.modules)
        for (const std::string& served : module->served_domains(domain)) {
          const auto [by, is_free] = taken.emplace(served, fmt::format("{} of {}", module->name(), domain));
          if (is_free) continue;
          problems.add(place_of(host.settings, module->name()),
                       config::join_path(host.settings.modules_path, module->name()),
                       fmt::format("{} cannot be served for {}: {} has that domain; let the option have @HOST@ in it",
                                   served, domain, by->second));
        }
}

}  // namespace meerkat
