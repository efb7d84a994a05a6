// SPDX-License-Identifier: Apache-2.0
#include "server/pools.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "services/system_metrics/client_id.h"
#include "store/amqp/client.h"
#include "store/cassandra/client.h"
#include "store/elastic/client.h"
#include "store/http/client.h"
#include "store/ldap/client.h"
#include "store/redis/client.h"

namespace meerkat {
namespace {

OutgoingPool* pool_of(sql::Database& database) { return database.pool(); }
template <class Client>
OutgoingPool* pool_of(Client& client) {
  return &client.pool();
}

// Opens all pools of one kind.
template <class Options, class Client>
class Opener {
 public:
  using Open = std::shared_ptr<Client> (*)(std::string name, const Options& options);
  using ByTag = std::map<std::string, Options>;

  Opener(std::string_view kind, ByTag PoolsSettings::* pools, PoolTable<Client>& table, Open open, OutgoingPools& all)
      : kind_(kind), pools_(pools), table_(table), open_(open), all_(all) {}

  void open_all(const Configuration& configuration) {
    const ByTag& by_tag = configuration.settings.outgoing_pools.*pools_;
    for (const auto& [tag, options] : by_tag) {
      switch (options.pool.scope) {
        case PoolScope::global:
          add("", {""}, tag, options);
          break;
        case PoolScope::host_type:
          for (const HostConfiguration& host : configuration.hosts)
            add(host.settings.name, host.settings.domains, tag, own_options(host, tag, options));
          break;
        case PoolScope::single_host:
          for (const HostConfiguration& host : configuration.hosts)
            if (is_same_host(options.pool.host.value_or(""), host.settings.name))
              add(host.settings.name, host.settings.domains, tag, options);
          break;
      }
    }
  }

 private:
  // [[host_config]] may say otherwise for its host type.
  Options own_options(const HostConfiguration& host, const std::string& tag, const Options& options) const {
    if (!host.settings.outgoing_pools) return options;
    const ByTag& own = *host.settings.outgoing_pools.*pools_;
    const auto found = own.find(tag);
    return found == own.end() ? options : found->second;
  }

  void add(const std::string& host_type, const std::vector<std::string>& owners, const std::string& tag,
           const Options& options) {
    const std::string name = fmt::format("{}.{}{}{}", kind_, tag, host_type.empty() ? "" : "@", host_type);
    const std::shared_ptr<Client> client = open_(name, options);
    if (!host_type.empty()) table_.add(host_type, tag, client);
    for (const std::string& owner : owners) table_.add(owner, tag, client);
    if (OutgoingPool* const pool = pool_of(*client)) all_.add({kind_, host_type, tag, pool});
  }

  std::string kind_;
  ByTag PoolsSettings::* pools_;
  PoolTable<Client>& table_;
  Open open_;
  OutgoingPools& all_;
};

template <class Options, class Client>
void open_kind(const Configuration& configuration, std::string_view kind,
               std::map<std::string, Options> PoolsSettings::* pools, PoolTable<Client>& table,
               std::shared_ptr<Client> (*open)(std::string, const Options&), OutgoingPools& all) {
  Opener<Options, Client>{kind, pools, table, open, all}.open_all(configuration);
}

// Whether `host` finds a pool.
template <class Options>
bool has_pool(const std::map<std::string, Options>& pools, const HostSettings& host, const std::string& tag) {
  const auto found = pools.find(tag);
  if (found == pools.end()) return false;
  const PoolOptions& options = found->second.pool;
  return options.scope != PoolScope::single_host || is_same_host(options.host.value_or(""), host.name);
}

// The same for a kind by its name, as far as modules ask for it.
bool has_pool(const PoolsSettings& pools, const HostSettings& host, const NeededPool& needed) {
  if (needed.kind == "http") return has_pool(pools.http, host, needed.tag);
  if (needed.kind == "ldap") return has_pool(pools.ldap, host, needed.tag);
  if (needed.kind == "rabbit") return has_pool(pools.rabbit, host, needed.tag);
  throw std::logic_error{"no module can ask for a pool of the kind " + needed.kind};
}

// Whether everybody finds a pool.
template <class Options>
bool is_shared(const std::map<std::string, Options>& pools, const std::string& tag) {
  const auto found = pools.find(tag);
  return found != pools.end() && found->second.pool.scope == PoolScope::global;
}

}  // namespace

std::expected<std::unique_ptr<OutgoingPools>, std::string> open_pools(const Configuration& configuration) {
  using S = PoolsSettings;
  auto pools = std::make_unique<OutgoingPools>();
  try {
    open_kind(configuration, "rdbms", &S::rdbms, pools->rdbms, &sql::open_rdbms, *pools);
    open_kind(configuration, "redis", &S::redis, pools->redis, &open_redis, *pools);
    open_kind(configuration, "http", &S::http, pools->http, &http::open_http, *pools);
    open_kind(configuration, "rabbit", &S::rabbit, pools->rabbit, &amqp::open_rabbit, *pools);
    open_kind(configuration, "cassandra", &S::cassandra, pools->cassandra, &open_cassandra, *pools);
    open_kind(configuration, "elastic", &S::elastic, pools->elastic, &elastic::open_elastic, *pools);
    open_kind(configuration, "ldap", &S::ldap, pools->ldap, &ldap::open_ldap, *pools);
  } catch (const std::exception& failure) {
    return std::unexpected(fmt::format("outgoing_pools: {}", failure.what()));
  }
  return pools;
}

void prepare_tables(const Configuration& configuration, const OutgoingPools& pools) {
  const auto& metrics = configuration.settings.services.system_metrics;
  if (metrics && metrics->is_on() && metrics->tracking_id)
    if (sql::Database* const database = pools.rdbms.find({})) database->prepare(client_id_schema());
  const std::vector<ModuleEntry> entries = all_modules();
  std::set<std::pair<const sql::Database*, std::string_view>> done;
  for (const HostConfiguration& host : configuration.hosts)
    for (const auto& module : host.modules) {
      if (module->keeps_in() != Backend::rdbms) continue;
      const auto entry = std::ranges::find(entries, module->name(), &ModuleEntry::name);
      for (const std::string& domain : host.settings.domains)
        if (sql::Database* const database = pools.rdbms.find(domain);
            database != nullptr && entry->keeps && done.emplace(database, entry->keeps->name).second)
          database->prepare(*entry->keeps);
    }
}

namespace {

// A pool of one host type is that host type's anyway.
void refuse_scopes(const config::Node& tree, config::Problems& problems) {
  const config::Node* const list = tree.find("host_config");
  if (list == nullptr || list->array() == nullptr) return;
  for (std::size_t i = 0; i < list->array()->size(); ++i) {
    const config::Node* const kinds = (*list->array())[i].find("outgoing_pools");
    if (kinds == nullptr || kinds->table() == nullptr) continue;
    for (const config::NodeEntry& kind : *kinds->table()) {
      if (kind.node.table() == nullptr) continue;
      for (const config::NodeEntry& pool : *kind.node.table())
        if (const config::Node* const scope = pool.node.find("scope"))
          problems.add(scope->place(), fmt::format("host_config[{}].outgoing_pools.{}.{}.scope", i, kind.key, pool.key),
                       "the pool is that of this host type — leave scope out here, and write scope = \"host_type\" in "
                       "the global table");
    }
  }
}

// Tells of each place once, however many host types share it.
class MissingPools {
 public:
  MissingPools(const config::Node& tree, config::Problems& problems) : tree_(tree), problems_(problems) {}

  void add(const std::string& path, std::string_view pool) {
    if (!told_.insert(path).second) return;
    problems_.add(place_of(path), path,
                  fmt::format("there is no pool for it — write [outgoing_pools.{}] with its connection", pool));
  }

 private:
  const config::Node& tree_;
  config::Problems& problems_;
  // Of an option that was not written: that of its table.
  config::Place place_of(std::string_view path) const {
    const config::Node* found = &tree_;
    while (!path.empty()) {
      const std::string_view step = path.substr(0, path.find('.'));
      const config::Node* const next = below(*found, step);
      if (next == nullptr) break;
      found = next;
      path.remove_prefix(std::min(step.size() + 1, path.size()));
    }
    return found->place();
  }
  // What is called "name", or "name[2]".
  static const config::Node* below(const config::Node& node, std::string_view step) {
    const std::size_t bracket = step.find('[');
    const config::Node* const named = node.find(step.substr(0, bracket));
    if (named == nullptr || bracket == std::string_view::npos) return named;
    std::size_t index = 0;
    std::from_chars(step.data() + bracket + 1, step.data() + step.size(), index);
    return named->array() != nullptr && index < named->array()->size() ? &(*named->array())[index] : nullptr;
  }

  std::set<std::string> told_;
};

}  // namespace

namespace {

void check_reports(const Configuration& configuration, MissingPools& missing, config::Problems& problems) {
  const auto& metrics = configuration.settings.services.system_metrics;
  if (!metrics || !metrics->pool) return;
  constexpr std::string_view path = "services.service_mongoose_system_metrics.pool";
  const auto& pools = configuration.settings.outgoing_pools.http;
  if (!is_shared(pools, *metrics->pool)) return missing.add(std::string{path}, "http." + *metrics->pool);
  const auto endpoint = read_endpoint(metrics->endpoint);
  const http::Connection& pool = pools.at(*metrics->pool).connection;
  const config::Node* const place = configuration.tree.at(path);
  if (endpoint && !path_in_pool(*endpoint, pool))
    problems.add(place != nullptr ? place->place() : config::Place{}, path,
                 fmt::format("outgoing_pools.http.{} leads to {}{}, where the endpoint {} is not — write the endpoint "
                             "that is meant",
                             *metrics->pool, pool.host, pool.path_prefix, metrics->endpoint));
}

}  // namespace

void check_pools(const Configuration& configuration, config::Problems& problems) {
  refuse_scopes(configuration.tree, problems);
  const PoolsSettings& pools = configuration.settings.outgoing_pools;
  MissingPools missing{configuration.tree, problems};
  if (configuration.settings.general.sm_backend == SessionBackend::redis && !is_shared(pools.redis, "default"))
    missing.add("general.sm_backend", "redis.default");
  check_reports(configuration, missing, problems);
  for (const HostConfiguration& host : configuration.hosts) {
    const AuthSettings& auth = host.settings.auth;
    const bool has_database = has_pool(pools.rdbms, host.settings, "default");
    if (auth.uses(AuthMethod::rdbms) && !has_database) missing.add(host.settings.auth_path + ".rdbms", "rdbms.default");
    if (auth.uses(AuthMethod::http) && !has_pool(pools.http, host.settings, "auth"))
      missing.add(host.settings.auth_path + ".http", "http.auth");
    if (auth.uses(AuthMethod::ldap)) {
      for (const auto& [option, tag] : {std::pair{".ldap.pool_tag", auth.ldap->people.pool_tag},
                                        std::pair{".ldap.bind_pool_tag", auth.ldap->bind_pool_tag}})
        if (!has_pool(pools.ldap, host.settings, tag)) missing.add(host.settings.auth_path + option, "ldap." + tag);
    }
    for (const auto& module : host.modules) {
      const std::string table = fmt::format("{}.{}.", host.settings.modules_path, module->name());
      if (module->keeps_in() == Backend::rdbms && !has_database) missing.add(table + "backend", "rdbms.default");
      for (const NeededPool& needed : module->needed_pools())
        if (!has_pool(pools, host.settings, needed))
          missing.add(table + needed.option, fmt::format("{}.{}", needed.kind, needed.tag));
    }
  }
}

}  // namespace meerkat
