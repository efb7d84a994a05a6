// SPDX-License-Identifier: Apache-2.0
#include "xml/namespaces.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace meerkat {
namespace {

constexpr const Namespace* all[] = {&ns::client,
                                    &ns::server,
                                    &ns::streams,
                                    &ns::xml,
                                    &ns::xmlns,
                                    &ns::framing,
                                    &ns::component_accept,
                                    &ns::component_connect,
                                    &ns::dialback,
                                    &ns::dialback_feature,
                                    &ns::tls,
                                    &ns::sasl,
                                    &ns::sasl2,
                                    &ns::sasl_channel_binding,
                                    &ns::sasl_upgrade,
                                    &ns::fast,
                                    &ns::bind,
                                    &ns::bind2,
                                    &ns::session,
                                    &ns::stanza_errors,
                                    &ns::stream_errors,
                                    &ns::sm,
                                    &ns::sm2,
                                    &ns::csi,
                                    &ns::stream_limits,
                                    &ns::compress_feature,
                                    &ns::compress,
                                    &ns::http_bind,
                                    &ns::xbosh,
                                    &ns::disco_info,
                                    &ns::disco_items,
                                    &ns::register_,
                                    &ns::register_feature,
                                    &ns::pre_approval,
                                    &ns::ping,
                                    &ns::version,
                                    &ns::time,
                                    &ns::roster,
                                    &ns::roster_version,
                                    &ns::last,
                                    &ns::private_storage,
                                    &ns::auth,
                                    &ns::auth_feature,
                                    &ns::search,
                                    &ns::oob_query,
                                    &ns::oob,
                                    &ns::data_forms,
                                    &ns::data_forms_validate,
                                    &ns::data_forms_layout,
                                    &ns::media_element,
                                    &ns::rsm,
                                    &ns::commands,
                                    &ns::carbons,
                                    &ns::carbons_rules,
                                    &ns::delay,
                                    &ns::x_delay,
                                    &ns::hints,
                                    &ns::forward,
                                    &ns::caps,
                                    &ns::caps_optimize,
                                    &ns::caps2,
                                    &ns::hashes,
                                    &ns::vcard,
                                    &ns::vcard_update,
                                    &ns::vcard4,
                                    &ns::avatar_data,
                                    &ns::avatar_metadata,
                                    &ns::nick,
                                    &ns::privacy,
                                    &ns::blocking,
                                    &ns::blocking_errors,
                                    &ns::reporting,
                                    &ns::offline,
                                    &ns::message_expire,
                                    &ns::message_event,
                                    &ns::amp,
                                    &ns::amp_feature,
                                    &ns::amp_errors,
                                    &ns::mam,
                                    &ns::mam_extended,
                                    &ns::mam1,
                                    &ns::mam_full_text,
                                    &ns::stanza_id,
                                    &ns::message_correct,
                                    &ns::message_retract,
                                    &ns::message_retract0,
                                    &ns::message_moderate,
                                    &ns::fasten,
                                    &ns::reactions,
                                    &ns::reply,
                                    &ns::fallback,
                                    &ns::chat_states,
                                    &ns::receipts,
                                    &ns::chat_markers,
                                    &ns::mds,
                                    &ns::attention,
                                    &ns::references,
                                    &ns::sims,
                                    &ns::origin_eme,
                                    &ns::omemo,
                                    &ns::omemo2,
                                    &ns::openpgp,
                                    &ns::xhtml,
                                    &ns::xhtml_body,
                                    &ns::addresses,
                                    &ns::muc,
                                    &ns::muc_user,
                                    &ns::muc_admin,
                                    &ns::muc_owner,
                                    &ns::muc_unique,
                                    &ns::conference,
                                    &ns::occupant_id,
                                    &ns::muc_self_ping,
                                    &ns::bookmarks,
                                    &ns::bookmarks2,
                                    &ns::muclight,
                                    &ns::muclight_create,
                                    &ns::muclight_destroy,
                                    &ns::muclight_configuration,
                                    &ns::muclight_affiliations,
                                    &ns::muclight_info,
                                    &ns::muclight_blocking,
                                    &ns::pubsub,
                                    &ns::pubsub_event,
                                    &ns::pubsub_owner,
                                    &ns::pubsub_errors,
                                    &ns::pubsub_options,
                                    &ns::push,
                                    &ns::push_summary,
                                    &ns::inbox,
                                    &ns::inbox_conversation,
                                    &ns::smart_markers,
                                    &ns::token_auth,
                                    &ns::http_upload,
                                    &ns::extdisco,
                                    &ns::extdisco1,
                                    &ns::sic,
                                    &ns::sic0,
                                    &ns::host_meta,
                                    &ns::captcha,
                                    &ns::jingle,
                                    &ns::jingle_rtp,
                                    &ns::jingle_message,
                                    &ns::ibb,
                                    &ns::bytestreams,
                                    &ns::si,
                                    &ns::geoloc,
                                    &ns::mood,
                                    &ns::tune,
                                    &ns::activity,
                                    &ns::idle,
                                    &ns::admin,
                                    &ns::serverinfo,
                                    &ns::stats};

constexpr std::size_t count = std::size(all);
constexpr std::size_t slots = 1024;

// URIs of our field begin alike and end differently, so the hash reads the end.
constexpr std::size_t slot_of(std::string_view uri) {
  std::uint64_t tail = 0;
  if (!std::is_constant_evaluated() && uri.size() >= 8 && std::endian::native == std::endian::little) {
    std::memcpy(&tail, uri.data() + uri.size() - 8, 8);
  } else {
    const std::string_view last = uri.substr(uri.size() - std::min<std::size_t>(uri.size(), 8));
    for (std::size_t i = 0; i < last.size(); ++i) tail |= std::uint64_t{static_cast<unsigned char>(last[i])} << 8 * i;
  }
  return (tail + uri.size()) * 0x9e3779b97f4a7c15u >> 54;
}

constexpr bool ids_follow_the_list() {
  for (std::size_t i = 0; i < count; ++i)
    if (all[i]->id != i + 1) return false;
  return true;
}
static_assert(ids_follow_the_list(), "the id of a namespace is its place in the table");
static_assert(count * 4 < slots, "a sparse table keeps a miss at one or two probes");

// Open addressing; filled by the compiler.
constexpr auto table = [] {
  std::array<std::uint16_t, slots> ids{};
  for (const Namespace* known : all) {
    std::size_t slot = slot_of(known->uri);
    while (ids[slot] != 0) slot = (slot + 1) % slots;
    ids[slot] = known->id;
  }
  return ids;
}();

}  // namespace

Namespace known_namespace(std::string_view uri) {
  for (std::size_t slot = slot_of(uri); table[slot] != 0; slot = (slot + 1) % slots) {
    const Namespace& known = *all[table[slot] - 1];
    if (known.uri == uri) return known;
  }
  return {};
}

Namespace namespace_with_id(std::uint16_t id) { return id == 0 || id > count ? Namespace{} : *all[id - 1]; }

}  // namespace meerkat
