// SPDX-License-Identifier: Apache-2.0
#include "server/all_modules.h"

#include <algorithm>
#include <string_view>

#include "config/reading.h"
#include "modules/adhoc/adhoc.h"
#include "modules/amp/amp.h"
#include "modules/caps/caps.h"
#include "modules/carbons/carbons.h"
#include "modules/csi/client_state.h"
#include "modules/disco/disco.h"
#include "modules/event_pusher/event_pusher.h"
#include "modules/extdisco/extdisco.h"
#include "modules/last/last.h"
#include "modules/offline/offline.h"
#include "modules/ping/ping.h"
#include "modules/presence/presence.h"
#include "modules/privacy/privacy.h"
#include "modules/private/private.h"
#include "modules/register/register.h"
#include "modules/roster/roster.h"
#include "modules/sic/sic.h"
#include "modules/stanza_id/stanza_id.h"
#include "modules/stream_management/stream_management.h"
#include "modules/time/time.h"
#include "modules/vcard/vcard.h"
#include "modules/version/version.h"
#include "server/other_modules.h"

namespace meerkat {

std::vector<ModuleEntry> all_modules() {
  return {adhoc_module(),    amp_module(),    blocking_module(),     caps_module(),     carboncopy_module(),
          csi_module(),      disco_module(),  event_pusher_module(), extdisco_module(), last_module(),
          offline_module(),  ping_module(),   presence_module(),     privacy_module(),  private_module(),
          register_module(), roster_module(), sic_module(),          stanzaid_module(), stream_management_module(),
          time_module(),     vcard_module(),  version_module()};
}

namespace {

void report_unknown(const config::NodeEntry& wanted, const std::string& path, const std::vector<ModuleEntry>& known,
                    config::Problems& problems) {
  if (const auto other = std::ranges::find(other_modules(), wanted.key, &OtherModule::name);
      other != other_modules().end())
    return problems.warn(wanted.place, path, warning_of(*other));
  std::vector<std::string_view> names;
  names.reserve(known.size() + other_modules().size());
  for (const ModuleEntry& entry : known) names.push_back(entry.name);
  for (const OtherModule& other : other_modules()) names.push_back(other.name);
  problems.add(wanted.place, path, "there is no such module" + config::did_you_mean(wanted.key, names));
}

}  // namespace

ConfiguredModules configured_modules(const config::Node* tables, const std::string& path, config::Problems& problems) {
  ConfiguredModules configured;
  if (tables == nullptr) return configured;
  if (tables->table() == nullptr) {
    problems.add(tables->place(), path, "modules are tables, such as [modules.mod_ping]");
    return configured;
  }
  const std::vector<ModuleEntry> known = all_modules();
  for (const config::NodeEntry& wanted : *tables->table()) {
    const std::string own_path = config::join_path(path, wanted.key);
    const auto entry = std::ranges::find(known, wanted.key, &ModuleEntry::name);
    if (entry == known.end())
      report_unknown(wanted, own_path, known, problems);
    else if (auto module = entry->configure(&wanted.node, problems, own_path))
      configured.push_back(std::move(module));
  }
  return configured;
}

}  // namespace meerkat
