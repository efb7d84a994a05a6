// SPDX-License-Identifier: Apache-2.0
#include "server/configuration.h"

#include <set>

#include <fmt/format.h>

#include "admin/window/page_handler.h"
#include "config/json_schema.h"
#include "config/reference.h"
#include "config/toml_reader.h"
#include "server/other_modules.h"
#include "server/pools.h"
#include "server/references.h"
#include "server/service_domains.h"

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

// The page for operators has a listener of its own.
void add_page_listener(Settings& settings) {
  const std::optional<PageSettings>& page = settings.admin.page;
  if (!page || !page->port) return;
  HttpListenSettings listener;
  listener.place.port = *page->port;
  listener.place.ip_address = page->ip_address;
  listener.tls = page->tls;
  listener.handlers.all.push_back(admin_page_at_root());
  settings.listen.http.push_back(std::move(listener));
}

}  // namespace

Configuration configure(config::Node tree, config::Problems& problems) {
  Configuration configuration{.tree = std::move(tree)};
  configuration.settings = settings_section().read(&configuration.tree, problems);
  add_page_listener(configuration.settings);
  check_references(configuration.settings, configuration.tree, problems);
  configuration.hosts = configure_hosts(configuration.settings, problems);
  check_service_domains(configuration.hosts, problems);
  check_pools(configuration, problems);
  return configuration;
}

std::optional<Configuration> read_configuration(const std::filesystem::path& file, config::Problems& problems) {
  auto root = config::read_toml_file(file, problems);
  if (!root) return std::nullopt;
  Configuration configuration = configure(std::move(*root), problems);
  if (problems.any_errors()) return std::nullopt;
  configuration.file = file;
  return configuration;
}

std::vector<config::OptionDescription> configuration_description() {
  std::vector<config::OptionDescription> all = settings_section().describe();
  for (const ModuleEntry& module : all_modules())
    for (config::OptionDescription& option : module.describe()) all.push_back(std::move(option));
  return all;
}

std::string configuration_reference() {
  std::string page =
      "# Configuration\n\nThe options of the configuration file, printed by `meerkat config reference`.\n\n" +
      config::reference_page(settings_section().describe());
  for (const ModuleEntry& module : all_modules()) page += "\n" + config::reference_page(module.describe());
  return page;
}

std::string configuration_example() {
  const config::ExampleChoices choices{
      .tables = {"listen.c2s[]", "listen.c2s[].tls", "auth.internal", "services.service_mongoose_system_metrics"},
      // Whoever can connect could make accounts.
      .left_out = {"modules.mod_register"},
      .values = {{"general.hosts", R"(["localhost"])"},
                 {"general.default_server_domain", R"("localhost")"},
                 {"listen.c2s[].tls.mode", R"("starttls")"},
                 {"services.service_mongoose_system_metrics.report", "false"}}};
  std::string file =
      "# The configuration of Meerkat: all there is, with its defaults behind comment signs. As it stands, it serves\n"
      "# \"localhost\" with a certificate that signs itself. Write your domain instead, and your certificate. Printed "
      "by\n"
      "# `meerkat config example`; `meerkat config schema` prints a schema for editors.\n\n" +
      config::example_file(settings_section().describe(), choices);
  for (const ModuleEntry& module : all_modules()) file += "\n" + config::example_file(module.describe(), choices);
  return file;
}

std::string configuration_schema() {
  config::DescribedElsewhere modules{.key = "modules"};
  for (const ModuleEntry& module : all_modules()) modules.tables.push_back({module.name, module.spec});
  for (const OtherModule& other : other_modules()) modules.tables.push_back({other.name, nullptr});
  return config::json_schema(settings_section().spec(), modules);
}

}  // namespace meerkat
