// SPDX-License-Identifier: Apache-2.0
// The whole configuration file as one struct: what each room declares, put together.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "accounts/auth_section.h"
#include "base/log.h"
#include "config/node.h"
#include "config/section.h"
#include "core/access.h"
#include "server/log_section.h"
#include "streams/c2s_section.h"

namespace meerkat {

struct GeneralSettings {
  LogLevel loglevel = LogLevel::warning;
  std::vector<std::string> hosts;
  std::string default_server_domain;
  std::string language = "en";
  std::uint32_t worker_threads = 0;  // 0: one per core
  config::Limit<std::chrono::seconds> registration_timeout = std::chrono::seconds{600};
};

struct ListenSettings {
  std::vector<C2sListenSettings> c2s;
};

struct EmbeddedSettings {
  std::filesystem::path directory = "data";
};

struct InternalDatabasesSettings {
  EmbeddedSettings embedded;
};

struct Settings {
  GeneralSettings general;
  LogSettings log;
  ListenSettings listen;
  AuthSettings auth;
  InternalDatabasesSettings internal_databases;
  std::map<std::string, std::vector<AccessClause>> access;
  std::optional<config::Node> modules;
};

config::Section<Settings> settings_section();

}  // namespace meerkat
