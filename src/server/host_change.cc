// SPDX-License-Identifier: Apache-2.0
#include "server/host_change.h"

#include <algorithm>
#include <exception>
#include <set>

#include "base/log.h"
#include "streams/legacy_session.h"

namespace meerkat {
namespace {

using ByDomain = std::map<std::string, const HostConfiguration*>;

constexpr std::string_view legacy_session = "legacy_session";

ByDomain by_domain(const Configuration* configuration) {
  ByDomain hosts;
  if (configuration == nullptr) return hosts;
  for (const HostConfiguration& host : configuration->hosts)
    for (const std::string& domain : host.settings.domains) hosts.emplace(domain, &host);
  return hosts;
}

const ConfiguredModule* find(const HostConfiguration& host, std::string_view module) {
  const auto found = std::ranges::find(host.modules, module, [](const auto& each) { return each->name(); });
  return found == host.modules.end() ? nullptr : found->get();
}

// A module whose constructor fails is missing on this worker; the server goes on without it.
void start(HostType& host, const ConfiguredModule& module) {
  try {
    host.start_module(module.name(), [&](HostType& here) { return module.start(here); });
  } catch (const std::exception& failure) {
    log_error("module_not_started", {{"module", module.name()}, {"host", host.name}, {"error", failure.what()}});
  }
}

}  // namespace

std::expected<HostChange, std::string> HostChange::make(const Configuration* before, const Configuration& after,
                                                        Store& store) {
  HostChange change;
  const ByDomain old = by_domain(before);
  const ByDomain fresh = by_domain(&after);
  std::set<std::string, std::less<>> hosted;
  for (const HostConfiguration& host : after.hosts)
    for (const std::string& domain : host.settings.domains)
      if (hosted.insert(domain).second) change.domains_.push_back(domain);

  std::map<const HostConfiguration*, std::shared_ptr<const AccessRules>> rules;
  for (const auto& [domain, host] : fresh) {
    std::shared_ptr<const AccessRules>& access = rules[host];
    if (!access)
      access = std::make_shared<const AccessRules>(host->settings.access,
                                                   [hosted](std::string_view name) { return hosted.contains(name); });
    const auto was = old.find(domain);
    OneHost one = one_host(was == old.end() ? nullptr : was->second, *host);
    const auto accounts = store.accounts_for(host->settings.name, host->settings.auth);
    if (!accounts) return std::unexpected(accounts.error());
    one.accounts = &accounts->get();
    one.login = login_offer(host->settings.auth);
    one.access = access;
    change.hosts_.emplace(domain, std::move(one));
  }
  for (const auto& [domain, host] : old) {
    if (fresh.contains(domain)) continue;
    std::vector<std::string_view>& modules = change.gone_[domain];
    modules.push_back(legacy_session);
    for (const auto& module : host->modules) modules.push_back(module->name());
  }
  return change;
}

HostChange::OneHost HostChange::one_host(const HostConfiguration* before, const HostConfiguration& after) {
  OneHost host;
  if (before != nullptr)
    for (const auto& module : before->modules) {
      const ConfiguredModule* const next = find(after, module->name());
      if (next == nullptr || next->written() != module->written()) host.stops.push_back(module->name());
    }
  for (const auto& module : after.modules) {
    const ConfiguredModule* const last = before != nullptr ? find(*before, module->name()) : nullptr;
    if (last == nullptr || last->written() != module->written()) host.starts.push_back(module.get());
  }
  return host;
}

void HostChange::prepare(Hall& hall) const {
  for (const std::string& domain : domains_) {
    const OneHost& change = hosts_.at(domain);
    HostType& host = hall.prepare_host(domain, *change.accounts);
    host.login = change.login;
    host.access = change.access;
    if (!host.has_module(legacy_session))
      host.start_module(legacy_session, [](HostType& here) { return std::make_unique<LegacySession>(here); });
    for (const std::string_view module : change.stops) host.stop_module(module);
    for (const ConfiguredModule* const module : change.starts) start(host, *module);
  }
}

void HostChange::clear_away(Hall& hall) const {
  if (gone_.empty()) return;
  std::vector<Session*> left;
  hall.sessions.for_each([&](Session& session) {
    if (gone_.contains(session.host.name)) left.push_back(&session);
  });
  for (const Session* const session : left)
    session->stream->end_with(StreamError::host_gone("This domain is not served here any more"));
  for (const auto& [domain, modules] : gone_)
    if (HostType* const host = hall.ever_host_of(domain))
      for (const std::string_view module : modules) host->stop_module(module);
}

}  // namespace meerkat
