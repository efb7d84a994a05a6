// SPDX-License-Identifier: Apache-2.0
#include "server/host_config_section.h"

#include <algorithm>

#include <fmt/format.h>

namespace meerkat {
namespace {

using namespace config;

// Everything of [general] is for the whole server, except what is named here.
Section<HostGeneralSettings> host_general_section() {
  Section<HostGeneralSettings> section{"host_config.general", "What can differ of [general]."};
  section.ignored("replaced_wait_timeout", "A replaced session is gone before the new one is bound.")
      .ignored("route_subdomains", "Other servers are not talked to yet.");
  for (const std::string& key : general_section().spec().keys())
    if (section.spec().find(key) == nullptr)
      section.refused(key, "concerns the whole server — write it under [general]");
  return section;
}

}  // namespace

bool is_same_host(std::string_view written, std::string_view name) {
  return written == name || (is_domain(written) && prepared_domain(written) == name);
}

Section<HostConfigSettings> host_config_section() {
  using S = HostConfigSettings;
  Section<S> section{"host_config", "What is different for one domain, or for one name of general.host_types."};
  section
      .option("host", &S::host, "Which one: a domain of general.hosts, or a name of general.host_types.", mandatory,
              non_empty, also_called("host_type"), example("\"example.org\""))
      .section("general", &S::general, host_general_section())
      .section("auth", &S::auth, auth_section())
      .option("modules", &S::modules, "The modules of this host type, instead of the global ones.")
      .section("outgoing_pools", &S::outgoing_pools, pools_section())
      .map("acl", &S::acl, acl_section(), names_are("class"))
      .map("access", &S::access, access_clause_section(), names_are("rule"))
      .ignored("s2s", "Other servers are not talked to yet.");
  for (const std::string_view key : {"listen", "internal_databases", "services", "instrumentation", "shaper"})
    section.refused(key, fmt::format("concerns the whole server — write it outside host_config, as {}",
                                     key == "listen" ? "[[listen.c2s]]" : fmt::format("[{}]", key)));
  return section;
}

std::vector<HostSettings> host_settings(const Settings& settings) {
  std::vector<HostSettings> hosts;
  const auto add = [&](const std::string& name, std::vector<std::string> domains) {
    HostSettings& host = hosts.emplace_back(HostSettings{.name = name,
                                                         .domains = std::move(domains),
                                                         .auth = settings.auth,
                                                         .access = {.acl = settings.acl, .access = settings.access},
                                                         .modules = settings.modules,
                                                         .auth_path = "auth",
                                                         .modules_path = "modules"});
    const auto own = std::ranges::find_if(
        settings.host_config, [&](const HostConfigSettings& config) { return is_same_host(config.host, name); });
    if (own == settings.host_config.end()) return;
    const auto index = own - settings.host_config.begin();
    if (own->auth) {
      host.auth = *own->auth;
      host.auth_path = fmt::format("host_config[{}].auth", index);
    }
    host.outgoing_pools = own->outgoing_pools;
    host.access = host.access.with({.acl = own->acl, .access = own->access});
    if (!own->modules) return;
    host.modules = own->modules;
    host.modules_path = fmt::format("host_config[{}].modules", index);
  };
  for (const std::string& domain : settings.general.hosts)
    if (is_domain(domain)) add(prepared_domain(domain), {prepared_domain(domain)});
  for (const std::string& name : settings.general.host_types) add(name, {});
  return hosts;
}

}  // namespace meerkat
