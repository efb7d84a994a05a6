// SPDX-License-Identifier: Apache-2.0
#include "server/settings.h"

#include "server/all_http_handlers.h"
#include "server/host_config_section.h"

namespace meerkat {
namespace {

using namespace config;

Section<ListenSettings> listen_section() {
  return Section<ListenSettings>{"listen", "Where the server listens."}
      .list("c2s", &ListenSettings::c2s, c2s_section())
      .list("http", &ListenSettings::http, http_section(all_http_handlers(), other_http_handlers()))
      .ignored("s2s", "Listeners for other servers are not served yet.")
      .ignored("component", "Listeners for components are not served yet.")
      .ignored("service", "Listeners for components are not served yet.");
}

}  // namespace

Section<Settings> settings_section() {
  using S = Settings;
  return Section<S>{"", "The configuration of Meerkat."}
      .section("general", &S::general, general_section(), mandatory)
      .section("log", &S::log, log_section())
      .section("listen", &S::listen, listen_section())
      .section("auth", &S::auth, auth_section())
      .section("limits", &S::limits, limits_section())
      .section("internal_databases", &S::internal_databases, internal_databases_section())
      .section("admin", &S::admin, admin_section())
      .section("outgoing_pools", &S::outgoing_pools, pools_section())
      .section("instrumentation", &S::instrumentation, instrumentation_section())
      .section("services", &S::services, services_section())
      .map("shaper", &S::shaper, shaper_section())
      .map("acl", &S::acl, acl_section(), names_are("class"))
      .map("access", &S::access, access_clause_section(), names_are("rule"))
      .option("modules", &S::modules, modules_sentence)
      .list("host_config", &S::host_config, host_config_section())
      .ignored("s2s", "Other servers are not talked to yet.");
}

}  // namespace meerkat
