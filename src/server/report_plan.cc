// SPDX-License-Identifier: Apache-2.0
#include "server/report_plan.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "services/system_metrics/report_file.h"

namespace meerkat {
namespace {

void add_once(std::vector<std::string>& all, std::string_view one) {
  if (std::ranges::find(all, one) == all.end()) all.emplace_back(one);
}

template <class Pools>
void add_kind(std::vector<std::string>& kinds, std::string_view kind, const Pools& by_tag) {
  for (const auto& [tag, options] : by_tag)
    if (options.pool.scope == PoolScope::global) kinds.emplace_back(kind);
}

// Those that all share, one for each.
std::vector<std::string> kinds_of(const PoolsSettings& pools) {
  std::vector<std::string> kinds;
  add_kind(kinds, "cassandra", pools.cassandra);
  add_kind(kinds, "elastic", pools.elastic);
  add_kind(kinds, "http", pools.http);
  add_kind(kinds, "ldap", pools.ldap);
  add_kind(kinds, "rabbit", pools.rabbit);
  add_kind(kinds, "rdbms", pools.rdbms);
  add_kind(kinds, "redis", pools.redis);
  return kinds;
}

SystemFacts facts_of(const Configuration& configuration) {
  SystemFacts facts{.host_types = configuration.hosts.size()};
  for (const HostConfiguration& host : configuration.hosts) {
    facts.domains += host.settings.domains.size();
    for (const auto& module : host.modules) std::ranges::move(disclosed(*module), std::back_inserter(facts.modules));
  }
  for (const C2sListenSettings& listener : configuration.settings.listen.c2s) {
    facts.serves_tcp = true;
    if (listener.tls && listener.tls->mode != TlsMode::none)
      add_once(facts.tls_modes, config::printed_name(listener.tls->mode));
  }
  facts.pools = kinds_of(configuration.settings.outgoing_pools);
  return facts;
}

// Beside the log when that is a file.
std::filesystem::path directory_of(const Settings& settings) {
  const std::filesystem::path log = log_output(settings.log).file;
  if (log.empty()) return settings.internal_databases.embedded.directory;
  return log.has_parent_path() ? log.parent_path() : std::filesystem::path{"."};
}

// What has to be asked of the pool that the options name.
std::string path_of(const Settings& settings) {
  const auto& options = settings.services.system_metrics;
  if (!options || !options->pool) return {};
  const auto pool = settings.outgoing_pools.http.find(*options->pool);
  const auto endpoint = read_endpoint(options->endpoint);
  if (!endpoint || pool == settings.outgoing_pools.http.end()) return {};  // a mistake that was told
  return path_in_pool(*endpoint, pool->second.connection).value_or("");
}

}  // namespace

std::shared_ptr<const ReportPlan> report_plan(const Configuration& configuration) {
  return std::make_shared<const ReportPlan>(ReportPlan{.options = configuration.settings.services.system_metrics,
                                                       .facts = facts_of(configuration),
                                                       .file = directory_of(configuration.settings) / report_file_name,
                                                       .path = path_of(configuration.settings)});
}

}  // namespace meerkat
