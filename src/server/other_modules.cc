// SPDX-License-Identifier: Apache-2.0
#include "server/other_modules.h"

#include <fmt/format.h>

namespace meerkat {
namespace {

constexpr OtherModule modules[] = {
    {"mod_auth_token", ""},
    {"mod_bind2", ""},
    {"mod_blocklist", ""},
    {"mod_broadcast", ""},
    {"mod_cache_users", "the accounts' module keeps its own cache"},
    {"mod_domain_isolation", ""},
    {"mod_external_filter", ""},
    {"mod_fast_auth_token", ""},
    {"mod_global_distrib", ""},
    {"mod_http_upload", ""},
    {"mod_inbox", ""},
    {"mod_jingle_sip", ""},
    {"mod_keystore", ""},
    {"mod_mam", ""},
    {"mod_muc", ""},
    {"mod_muc_light", ""},
    {"mod_muc_log", ""},
    {"mod_offline_chatmarkers", ""},
    {"mod_offline_stub", ""},
    {"mod_pubsub", ""},
    {"mod_pubsub_old", ""},
    {"mod_push_service_mongoosepush", ""},
    {"mod_sasl2", ""},
    {"mod_shared_roster_ldap", ""},
    {"mod_smart_markers", ""},
    // Gone from MongooseIM itself, but still in files that began with an old version.
    {"mod_aws_sns", "it was part of mod_event_pusher since long"},
    {"mod_bosh", "BOSH is a handler of an HTTP listener"},
    {"mod_commands", "commands come through a private socket"},
    {"mod_http_notification", "it became part of mod_event_pusher"},
    {"mod_mam_meta", "it is called mod_mam now"},
    {"mod_revproxy", "use a web server"},
    {"mod_websockets", "WebSocket is a handler of an HTTP listener"},
};

}  // namespace

std::span<const OtherModule> other_modules() { return modules; }

std::string warning_of(const OtherModule& module) {
  if (module.instead.empty()) return "Meerkat does not have this module yet; it is left out";
  return fmt::format("is left out: {}", module.instead);
}

}  // namespace meerkat
