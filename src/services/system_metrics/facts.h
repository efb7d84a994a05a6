// SPDX-License-Identifier: Apache-2.0
// What the server tells this service about itself. Nothing in here is the name of a domain, a user, a file or another
// machine; so no report can have one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "services/system_metrics/report.h"

namespace meerkat {

class ConfiguredModule;

// Immutable once it is made; any thread.
struct SystemFacts {
  std::size_t host_types = 0;
  std::size_t domains = 0;
  std::vector<ReportItem> modules;         // module_with_opt
  std::size_t custom_modules = 0;          // of others than ours
  std::size_t nodes = 1;                   // of the cluster
  std::size_t components = 0;              // that are connected
  std::vector<std::string> http_handlers;  // by MongooseIM's names, each once
  bool serves_tcp = false;
  std::vector<std::string> tls_modes;  // of listeners for clients, each once
  std::vector<std::string> pools;      // their kinds, one for each pool
};

// What may be told of a module that runs: one or more items, or none for a module that is not in MongooseIM's list.
std::vector<ReportItem> disclosed(const ConfiguredModule& module);

}  // namespace meerkat
