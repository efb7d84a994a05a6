// SPDX-License-Identifier: Apache-2.0
// Which modules and which of their options are in reports: those that MongooseIM lists, and nothing else.
#include <algorithm>
#include <set>
#include <span>

#include "core/module_entry.h"
#include "services/system_metrics/facts.h"

namespace meerkat {
namespace {

constexpr std::string_view with_backend[] = {"mod_auth_token",  "mod_event_pusher_push",
                                             "mod_http_upload", "mod_inbox",
                                             "mod_last",        "mod_mam",
                                             "mod_muc",         "mod_muc_light",
                                             "mod_offline",     "mod_privacy",
                                             "mod_private",     "mod_pubsub_old",
                                             "mod_roster",      "mod_vcard"};

constexpr std::string_view by_name[] = {"mod_adhoc",        "mod_amp",
                                        "mod_blocking",     "mod_broadcast",
                                        "mod_carboncopy",   "mod_csi",
                                        "mod_disco",        "mod_global_distrib",
                                        "mod_keystore",     "mod_offline_chatmarkers",
                                        "mod_offline_stub", "mod_push_service_mongoosepush",
                                        "mod_register",     "mod_shared_roster_ldap",
                                        "mod_sic",          "mod_stream_management",
                                        "mod_time",         "mod_version"};

bool is_in(std::span<const std::string_view> list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

ReportItem item(std::string_view module) { return {"module_with_opt", {{"module", std::string{module}}}}; }

// As MongooseIM calls it.
std::string backend_of(const ConfiguredModule& module) {
  for (const NeededPool& pool : module.needed_pools())
    if (pool.kind == "ldap") return pool.kind;
  return module.keeps_in() == Backend::rdbms ? "rdbms" : "mnesia";
}

// Each backend of it is a module in MongooseIM.
std::vector<ReportItem> of_event_pusher(const ConfiguredModule& module) {
  std::set<std::string> kinds;
  for (const NeededPool& pool : module.needed_pools()) kinds.insert(pool.kind);
  std::vector<ReportItem> items;
  for (const std::string& kind : kinds) {
    items.push_back(item(module.name()));
    items.back().params.emplace_back("backend", kind);
  }
  if (items.empty()) items.push_back(item(module.name()));
  for (const std::string& kind : kinds) items.push_back(item(std::string{module.name()} + "_" + kind));
  return items;
}

}  // namespace

std::vector<ReportItem> disclosed(const ConfiguredModule& module) {
  if (module.name() == "mod_event_pusher") return of_event_pusher(module);
  const bool has_backend = is_in(with_backend, module.name());
  if (!has_backend && !is_in(by_name, module.name())) return {};
  ReportItem told = item(module.name());
  if (has_backend) told.params.emplace_back("backend", backend_of(module));
  return {std::move(told)};
}

}  // namespace meerkat
