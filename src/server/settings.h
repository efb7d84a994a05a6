// SPDX-License-Identifier: Apache-2.0
// The whole configuration file as one struct: what each room declares, put together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "accounts/auth_section.h"
#include "admin/admin_section.h"
#include "config/node.h"
#include "config/section.h"
#include "core/access.h"
#include "core/limits/limits_section.h"
#include "core/shaper.h"
#include "server/database_section.h"
#include "server/general_section.h"
#include "server/instrumentation_section.h"
#include "server/log_section.h"
#include "server/pools_section.h"
#include "server/services_section.h"
#include "streams/c2s_section.h"
#include "streams/http_section.h"

namespace meerkat {

struct ListenSettings {
  std::vector<C2sListenSettings> c2s;
  std::vector<HttpListenSettings> http;
};

struct HostGeneralSettings {};

// One [[host_config]]: what is different for one host type.
struct HostConfigSettings {
  std::string host;  // a domain of general.hosts, or a name of general.host_types
  HostGeneralSettings general;
  std::optional<AuthSettings> auth;             // replaces the global table
  std::optional<config::Node> modules;          // replaces the global table
  std::optional<PoolsSettings> outgoing_pools;  // take the places of those of the same kind and tag
  AclClasses acl;                               // are added to the global classes
  AccessClauses access;                         // are merged into the global rules
};

struct Settings {
  GeneralSettings general;
  LogSettings log;
  ListenSettings listen;
  AuthSettings auth;
  LimitsSettings limits;
  InternalDatabasesSettings internal_databases;
  AdminSettings admin;
  PoolsSettings outgoing_pools;
  InstrumentationSettings instrumentation;
  ServicesSettings services;
  ShaperTable shaper;
  AclClasses acl;
  AccessClauses access;
  std::optional<config::Node> modules;
  std::vector<HostConfigSettings> host_config;
};

// A room adds its table with one line here.
config::Section<Settings> settings_section();

}  // namespace meerkat
