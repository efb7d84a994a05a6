// SPDX-License-Identifier: Apache-2.0
// [[host_config]]: what is different for one host type, and what the host types are told in the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/settings.h"

namespace meerkat {

inline constexpr std::string_view modules_sentence = "The features beside the stream; each table starts one.";

config::Section<HostConfigSettings> host_config_section();

// Whether the `host` of a [[host_config]] is the host type of this name.
bool is_same_host(std::string_view written, std::string_view name);

// What one host type is told: the global settings, with its [[host_config]] worked in.
struct HostSettings {
  std::string name;
  std::vector<std::string> domains;  // prepared; none for a name of general.host_types
  AuthSettings auth;
  AccessTables access;
  std::optional<config::Node> modules;
  std::optional<PoolsSettings> outgoing_pools;  // of its own, in place of those with scope host_type
  std::string auth_path;                        // where its auth was written: "auth", "host_config[0].auth"
  std::string modules_path;                     // where its modules were written: "modules", "host_config[0].modules"
};

// Static domains first, each its own host type, in the order of the file; then general.host_types.
std::vector<HostSettings> host_settings(const Settings& settings);

}  // namespace meerkat
