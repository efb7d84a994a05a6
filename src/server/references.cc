// SPDX-License-Identifier: Apache-2.0
#include "server/references.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "server/host_config_section.h"

namespace meerkat {
namespace {

using config::Node;
using config::Place;

class ReferenceCheck {
 public:
  ReferenceCheck(const Settings& settings, const Node& root, config::Problems& problems)
      : settings_(settings), root_(root), problems_(problems) {}

  void run() {
    if (root_.find("general") != nullptr) check_hosts();
    check_listeners();
    check_host_configs();
    check_classes(settings_.access, root_.find("access"), "access");
    for (std::size_t i = 0; i < settings_.host_config.size(); ++i) {
      const Node* const table = element_of("host_config", i);
      if (table != nullptr)
        check_classes(settings_.host_config[i].access, table->find("access"), fmt::format("host_config[{}].access", i));
    }
  }

 private:
  // Where the value at `dotted` was written, or nowhere.
  Place place_of(std::string_view dotted) const {
    const Node* const node = root_.at(dotted);
    return node != nullptr ? node->place() : Place{};
  }
  // The element of a list of texts, at the place where it was written.
  static Place place_in(const Node* list, std::size_t index) {
    const Node::Array* const elements = list != nullptr ? list->array() : nullptr;
    return elements != nullptr && index < elements->size() ? (*elements)[index].place() : Place{};
  }
  static Place place_of(const Node* table, std::string_view key) {
    const Node* const node = table != nullptr ? table->find(key) : nullptr;
    return node != nullptr ? node->place() : table != nullptr ? table->place() : Place{};
  }
  const Node* element_of(std::string_view dotted, std::size_t index) const {
    const Node* const list = root_.at(dotted);
    if (list == nullptr || list->array() == nullptr || index >= list->array()->size()) return nullptr;
    return &(*list->array())[index];
  }

  void check_hosts() {
    const auto& [hosts, host_types] = std::tie(settings_.general.hosts, settings_.general.host_types);
    const Node* const written_hosts = root_.at("general.hosts");
    const Node* const written_types = root_.at("general.host_types");
    if (written_hosts == nullptr && written_types == nullptr)
      problems_.add(place_of("general"), "general.hosts", "must be given — for example: hosts = [\"example.org\"]");
    if (written_types == nullptr && written_hosts != nullptr && written_hosts->array() != nullptr &&
        written_hosts->array()->empty())
      problems_.add(written_hosts->place(), "general.hosts",
                    "must not be empty — for example: hosts = [\"example.org\"]");

    std::map<std::string, std::string> seen;  // prepared -> as written
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      const auto [same, fresh] = seen.emplace(prepared_domain(hosts[i]), hosts[i]);
      if (!fresh)
        problems_.add(
            place_in(written_hosts, i), "general.hosts",
            fmt::format("{} and {} are the same domain", config::in_quotes(same->second), config::in_quotes(hosts[i])));
    }
    for (std::size_t i = 0; i < host_types.size(); ++i) {
      if (const auto same = seen.find(host_types[i]); same != seen.end())
        problems_.add(place_in(written_types, i), "general.host_types",
                      fmt::format("{} is a domain of hosts as well; a host type needs a name of its own",
                                  config::in_quotes(host_types[i])));
      else
        problems_.warn(place_in(written_types, i), "general.host_types",
                       fmt::format("no domain can belong to {} yet: domains are added to host types while the server "
                                   "runs, which is not possible yet — list them in hosts",
                                   config::in_quotes(host_types[i])));
    }
    check_default_domain(seen);
  }

  void check_default_domain(const std::map<std::string, std::string>& hosts) {
    const std::string& domain = settings_.general.default_server_domain;
    if (hosts.empty() || domain.empty() || hosts.contains(prepared_domain(domain))) return;
    problems_.warn(place_of("general.default_server_domain"), "general.default_server_domain",
                   fmt::format("{} is not one of hosts", config::in_quotes(domain)));
  }

  void check_listeners() {
    if (root_.at("listen.c2s") == nullptr)
      problems_.add({}, "listen.c2s", "must be given, or nobody can connect — write [[listen.c2s]] with port = 5222");
    for (std::size_t i = 0; i < settings_.listen.c2s.size(); ++i) {
      const C2sListenSettings& listener = settings_.listen.c2s[i];
      const Node* const table = element_of("listen.c2s", i);
      const std::string path = fmt::format("listen.c2s[{}]", i);
      check_rule(listener.access, place_of(table, "access"), path + ".access");
      check_shaper(listener.shaper, place_of(table, "shaper"), path + ".shaper");
      check_address(listener.place, table, path);
    }
    for (std::size_t i = 0; i < settings_.listen.http.size(); ++i)
      check_address(settings_.listen.http[i].place, element_of("listen.http", i), fmt::format("listen.http[{}]", i));
  }

  // No two listeners, of whatever kind, on one port.
  void check_address(const ListenPlace& listener, const Node* table, const std::string& path) {
    if (listener.port == 0) return;
    const std::string ip = listener.address().ip;
    const auto [same, fresh] = seen_addresses_.emplace(std::pair{ip, listener.port}, place_of(table, "port"));
    if (!fresh)
      problems_.add(place_of(table, "port"), path,
                    fmt::format("listens on {} port {} like the listener in line {} — give each its own port or "
                                "ip_address",
                                ip, listener.port, same->second.line));
  }

  void check_rule(const std::string& rule, Place place, const std::string& path) {
    if (rule == "all" || rule == "none" || settings_.access.contains(rule)) return;
    std::vector<std::string_view> names{"all", "none"};
    for (const auto& [name, clauses] : settings_.access) names.push_back(name);
    for (const HostConfigSettings& host : settings_.host_config) {
      if (host.access.contains(rule)) return;
      for (const auto& [name, clauses] : host.access) names.push_back(name);
    }
    const std::string advice = config::did_you_mean(rule, names);
    problems_.add(place, path,
                  fmt::format("there is no access rule {}{}", config::in_quotes(rule),
                              advice.empty() ? fmt::format(" — write it under [access], as {} = "
                                                           "[{{acl = \"all\", value = \"allow\"}}]",
                                                           config::join_path("", rule))
                                             : advice));
  }

  // A shaper, or a rule that says which.
  void check_shaper(const std::string& shaper, Place place, const std::string& path) {
    if (shaper == "none" || settings_.shaper.contains(shaper) || settings_.access.contains(shaper)) return;
    std::vector<std::string_view> names{"none"};
    for (const auto& [name, settings] : settings_.shaper) names.push_back(name);
    for (const auto& [name, clauses] : settings_.access) names.push_back(name);
    for (const HostConfigSettings& host : settings_.host_config)
      if (host.access.contains(shaper)) return;
    const std::string advice = config::did_you_mean(shaper, names);
    problems_.add(place, path,
                  fmt::format("there is no shaper {}{}", config::in_quotes(shaper),
                              advice.empty() ? fmt::format(" — write it as [shaper.{}] with max_rate = 10000",
                                                           config::join_path("", shaper))
                                             : advice));
  }

  // A class that nobody has described matches nobody: most likely it is a slip.
  void check_classes(const AccessClauses& access, const Node* written, const std::string& path) {
    std::vector<std::string_view> names{"all", "none"};
    for (const auto& [name, patterns] : settings_.acl) names.push_back(name);
    for (const HostConfigSettings& host : settings_.host_config)
      for (const auto& [name, patterns] : host.acl) names.push_back(name);
    for (const auto& [rule, clauses] : access)
      for (std::size_t i = 0; i < clauses.size(); ++i) {
        if (std::ranges::find(names, clauses[i].acl) != names.end() || clauses[i].acl.empty()) continue;
        const Node* const list = written != nullptr ? written->find(rule) : nullptr;
        if (!told_classes_.insert(clauses[i].acl).second) continue;
        const bool found = list != nullptr && list->array() != nullptr && i < list->array()->size();
        problems_.warn(
            found ? place_of(&(*list->array())[i], "acl") : Place{},
            fmt::format("{}[{}].acl", config::join_path(path, rule), i),
            fmt::format("nobody belongs to {}: there is no [[{}]]{}", config::in_quotes(clauses[i].acl),
                        config::join_path("acl", clauses[i].acl), config::did_you_mean(clauses[i].acl, names)));
      }
  }

  void check_host_configs() {
    std::map<std::string, Place> seen;
    for (std::size_t i = 0; i < settings_.host_config.size(); ++i) {
      const std::string& host = settings_.host_config[i].host;
      if (host.empty()) continue;
      const Node* const table = element_of("host_config", i);
      const std::string_view key = table != nullptr && table->find("host_type") != nullptr ? "host_type" : "host";
      const Place place = place_of(table, key);
      const std::string path = fmt::format("host_config[{}].{}", i, key);
      check_host(host, place, path);
      const auto [same, fresh] = seen.emplace(is_domain(host) ? prepared_domain(host) : host, place);
      if (!fresh)
        problems_.add(place, path,
                      fmt::format("{} has a host_config in line {} already — put both into one",
                                  config::in_quotes(host), same->second.line));
    }
  }

  void check_host(const std::string& host, Place place, const std::string& path) {
    std::vector<std::string_view> names;
    for (const auto* list : {&settings_.general.hosts, &settings_.general.host_types})
      for (const std::string& name : *list) {
        if (is_same_host(host, is_domain(name) ? prepared_domain(name) : name)) return;
        names.push_back(name);
      }
    if (names.empty()) return;  // told elsewhere
    const std::string advice = config::did_you_mean(host, names);
    problems_.add(place, path,
                  fmt::format("{} is neither in general.hosts nor in general.host_types{}", config::in_quotes(host),
                              advice.empty() ? " — add it there" : advice));
  }

  const Settings& settings_;
  std::set<std::string> told_classes_;
  std::map<std::pair<std::string, std::uint16_t>, Place> seen_addresses_;
  const Node& root_;
  config::Problems& problems_;
};

}  // namespace

void check_references(const Settings& settings, const Node& root, config::Problems& problems) {
  ReferenceCheck{settings, root, problems}.run();
}

}  // namespace meerkat
