// SPDX-License-Identifier: Apache-2.0
// The namespaces this house knows by name, each with a small number, so that comparing two is comparing numbers.
// A new one goes to the end of the list here and to the end of the table in namespaces.cc.
#pragma once

#include <cstdint>
#include <string_view>

namespace meerkat {

// An interned namespace; `Namespace{}` (id 0) means none. Ids are of this build only: never stored, never sent.
struct Namespace {
  std::string_view uri;
  std::uint16_t id = 0;

  friend constexpr bool operator==(const Namespace& a, const Namespace& b) { return a.id == b.id; }
};

namespace ns {

inline constexpr Namespace client{"jabber:client", 1};
inline constexpr Namespace server{"jabber:server", 2};
inline constexpr Namespace streams{"http://etherx.jabber.org/streams", 3};
inline constexpr Namespace xml{"http://www.w3.org/XML/1998/namespace", 4};
inline constexpr Namespace xmlns{"http://www.w3.org/2000/xmlns/", 5};
inline constexpr Namespace framing{"urn:ietf:params:xml:ns:xmpp-framing", 6};
inline constexpr Namespace component_accept{"jabber:component:accept", 7};
inline constexpr Namespace component_connect{"jabber:component:connect", 8};
inline constexpr Namespace dialback{"jabber:server:dialback", 9};
inline constexpr Namespace dialback_feature{"urn:xmpp:features:dialback", 10};
inline constexpr Namespace tls{"urn:ietf:params:xml:ns:xmpp-tls", 11};
inline constexpr Namespace sasl{"urn:ietf:params:xml:ns:xmpp-sasl", 12};
inline constexpr Namespace sasl2{"urn:xmpp:sasl:2", 13};
inline constexpr Namespace sasl_channel_binding{"urn:xmpp:sasl-cb:0", 14};
inline constexpr Namespace sasl_upgrade{"urn:xmpp:sasl:upgrade:0", 15};
inline constexpr Namespace fast{"urn:xmpp:fast:0", 16};
inline constexpr Namespace bind{"urn:ietf:params:xml:ns:xmpp-bind", 17};
inline constexpr Namespace bind2{"urn:xmpp:bind:0", 18};
inline constexpr Namespace session{"urn:ietf:params:xml:ns:xmpp-session", 19};
inline constexpr Namespace stanza_errors{"urn:ietf:params:xml:ns:xmpp-stanzas", 20};
inline constexpr Namespace stream_errors{"urn:ietf:params:xml:ns:xmpp-streams", 21};
inline constexpr Namespace sm{"urn:xmpp:sm:3", 22};
inline constexpr Namespace sm2{"urn:xmpp:sm:2", 23};
inline constexpr Namespace csi{"urn:xmpp:csi:0", 24};
inline constexpr Namespace stream_limits{"urn:xmpp:stream-limits:0", 25};
inline constexpr Namespace compress_feature{"http://jabber.org/features/compress", 26};
inline constexpr Namespace compress{"http://jabber.org/protocol/compress", 27};
inline constexpr Namespace http_bind{"http://jabber.org/protocol/httpbind", 28};
inline constexpr Namespace xbosh{"urn:xmpp:xbosh", 29};
inline constexpr Namespace disco_info{"http://jabber.org/protocol/disco#info", 30};
inline constexpr Namespace disco_items{"http://jabber.org/protocol/disco#items", 31};
inline constexpr Namespace register_{"jabber:iq:register", 32};
inline constexpr Namespace register_feature{"http://jabber.org/features/iq-register", 33};
inline constexpr Namespace pre_approval{"urn:xmpp:features:pre-approval", 34};
inline constexpr Namespace ping{"urn:xmpp:ping", 35};
inline constexpr Namespace version{"jabber:iq:version", 36};
inline constexpr Namespace time{"urn:xmpp:time", 37};
inline constexpr Namespace roster{"jabber:iq:roster", 38};
inline constexpr Namespace roster_version{"urn:xmpp:features:rosterver", 39};
inline constexpr Namespace last{"jabber:iq:last", 40};
inline constexpr Namespace private_storage{"jabber:iq:private", 41};
inline constexpr Namespace auth{"jabber:iq:auth", 42};
inline constexpr Namespace auth_feature{"http://jabber.org/features/iq-auth", 43};
inline constexpr Namespace search{"jabber:iq:search", 44};
inline constexpr Namespace oob_query{"jabber:iq:oob", 45};
inline constexpr Namespace oob{"jabber:x:oob", 46};
inline constexpr Namespace data_forms{"jabber:x:data", 47};
inline constexpr Namespace data_forms_validate{"http://jabber.org/protocol/xdata-validate", 48};
inline constexpr Namespace data_forms_layout{"http://jabber.org/protocol/xdata-layout", 49};
inline constexpr Namespace media_element{"urn:xmpp:media-element", 50};
inline constexpr Namespace rsm{"http://jabber.org/protocol/rsm", 51};
inline constexpr Namespace commands{"http://jabber.org/protocol/commands", 52};
inline constexpr Namespace carbons{"urn:xmpp:carbons:2", 53};
inline constexpr Namespace carbons_rules{"urn:xmpp:carbons:rules:0", 54};
inline constexpr Namespace delay{"urn:xmpp:delay", 55};
inline constexpr Namespace x_delay{"jabber:x:delay", 56};
inline constexpr Namespace hints{"urn:xmpp:hints", 57};
inline constexpr Namespace forward{"urn:xmpp:forward:0", 58};
inline constexpr Namespace caps{"http://jabber.org/protocol/caps", 59};
inline constexpr Namespace caps_optimize{"http://jabber.org/protocol/caps#optimize", 60};
inline constexpr Namespace caps2{"urn:xmpp:caps", 61};
inline constexpr Namespace hashes{"urn:xmpp:hashes:2", 62};
inline constexpr Namespace vcard{"vcard-temp", 63};
inline constexpr Namespace vcard_update{"vcard-temp:x:update", 64};
inline constexpr Namespace vcard4{"urn:ietf:params:xml:ns:vcard-4.0", 65};
inline constexpr Namespace avatar_data{"urn:xmpp:avatar:data", 66};
inline constexpr Namespace avatar_metadata{"urn:xmpp:avatar:metadata", 67};
inline constexpr Namespace nick{"http://jabber.org/protocol/nick", 68};
inline constexpr Namespace privacy{"jabber:iq:privacy", 69};
inline constexpr Namespace blocking{"urn:xmpp:blocking", 70};
inline constexpr Namespace blocking_errors{"urn:xmpp:blocking:errors", 71};
inline constexpr Namespace reporting{"urn:xmpp:reporting:1", 72};
inline constexpr Namespace offline{"http://jabber.org/protocol/offline", 73};
inline constexpr Namespace message_expire{"jabber:x:expire", 74};
inline constexpr Namespace message_event{"jabber:x:event", 75};
inline constexpr Namespace amp{"http://jabber.org/protocol/amp", 76};
inline constexpr Namespace amp_feature{"http://jabber.org/feature/amp", 77};
inline constexpr Namespace amp_errors{"http://jabber.org/protocol/amp#errors", 78};
inline constexpr Namespace mam{"urn:xmpp:mam:2", 79};
inline constexpr Namespace mam_extended{"urn:xmpp:mam:2#extended", 80};
inline constexpr Namespace mam1{"urn:xmpp:mam:1", 81};
inline constexpr Namespace mam_full_text{"urn:xmpp:fulltext:0", 82};
inline constexpr Namespace stanza_id{"urn:xmpp:sid:0", 83};
inline constexpr Namespace message_correct{"urn:xmpp:message-correct:0", 84};
inline constexpr Namespace message_retract{"urn:xmpp:message-retract:1", 85};
inline constexpr Namespace message_retract0{"urn:xmpp:message-retract:0", 86};
inline constexpr Namespace message_moderate{"urn:xmpp:message-moderate:1", 87};
inline constexpr Namespace fasten{"urn:xmpp:fasten:0", 88};
inline constexpr Namespace reactions{"urn:xmpp:reactions:0", 89};
inline constexpr Namespace reply{"urn:xmpp:reply:0", 90};
inline constexpr Namespace fallback{"urn:xmpp:fallback:0", 91};
inline constexpr Namespace chat_states{"http://jabber.org/protocol/chatstates", 92};
inline constexpr Namespace receipts{"urn:xmpp:receipts", 93};
inline constexpr Namespace chat_markers{"urn:xmpp:chat-markers:0", 94};
inline constexpr Namespace mds{"urn:xmpp:mds:displayed:0", 95};
inline constexpr Namespace attention{"urn:xmpp:attention:0", 96};
inline constexpr Namespace references{"urn:xmpp:reference:0", 97};
inline constexpr Namespace sims{"urn:xmpp:sims:1", 98};
inline constexpr Namespace origin_eme{"urn:xmpp:eme:0", 99};
inline constexpr Namespace omemo{"eu.siacs.conversations.axolotl", 100};
inline constexpr Namespace omemo2{"urn:xmpp:omemo:2", 101};
inline constexpr Namespace openpgp{"urn:xmpp:openpgp:0", 102};
inline constexpr Namespace xhtml{"http://jabber.org/protocol/xhtml-im", 103};
inline constexpr Namespace xhtml_body{"http://www.w3.org/1999/xhtml", 104};
inline constexpr Namespace addresses{"http://jabber.org/protocol/address", 105};
inline constexpr Namespace muc{"http://jabber.org/protocol/muc", 106};
inline constexpr Namespace muc_user{"http://jabber.org/protocol/muc#user", 107};
inline constexpr Namespace muc_admin{"http://jabber.org/protocol/muc#admin", 108};
inline constexpr Namespace muc_owner{"http://jabber.org/protocol/muc#owner", 109};
inline constexpr Namespace muc_unique{"http://jabber.org/protocol/muc#unique", 110};
inline constexpr Namespace conference{"jabber:x:conference", 111};
inline constexpr Namespace occupant_id{"urn:xmpp:occupant-id:0", 112};
inline constexpr Namespace muc_self_ping{"http://jabber.org/protocol/muc#self-ping-optimization", 113};
inline constexpr Namespace bookmarks{"storage:bookmarks", 114};
inline constexpr Namespace bookmarks2{"urn:xmpp:bookmarks:1", 115};
inline constexpr Namespace muclight{"urn:xmpp:muclight:0", 116};
inline constexpr Namespace muclight_create{"urn:xmpp:muclight:0#create", 117};
inline constexpr Namespace muclight_destroy{"urn:xmpp:muclight:0#destroy", 118};
inline constexpr Namespace muclight_configuration{"urn:xmpp:muclight:0#configuration", 119};
inline constexpr Namespace muclight_affiliations{"urn:xmpp:muclight:0#affiliations", 120};
inline constexpr Namespace muclight_info{"urn:xmpp:muclight:0#info", 121};
inline constexpr Namespace muclight_blocking{"urn:xmpp:muclight:0#blocking", 122};
inline constexpr Namespace pubsub{"http://jabber.org/protocol/pubsub", 123};
inline constexpr Namespace pubsub_event{"http://jabber.org/protocol/pubsub#event", 124};
inline constexpr Namespace pubsub_owner{"http://jabber.org/protocol/pubsub#owner", 125};
inline constexpr Namespace pubsub_errors{"http://jabber.org/protocol/pubsub#errors", 126};
inline constexpr Namespace pubsub_options{"http://jabber.org/protocol/pubsub#publish-options", 127};
inline constexpr Namespace push{"urn:xmpp:push:0", 128};
inline constexpr Namespace push_summary{"urn:xmpp:push:summary", 129};
inline constexpr Namespace inbox{"erlang-solutions.com:xmpp:inbox:0", 130};
inline constexpr Namespace inbox_conversation{"erlang-solutions.com:xmpp:inbox:0#conversation", 131};
inline constexpr Namespace smart_markers{"esl:xmpp:smart-markers:0", 132};
inline constexpr Namespace token_auth{"erlang-solutions.com:xmpp:token-auth:0", 133};
inline constexpr Namespace http_upload{"urn:xmpp:http:upload:0", 134};
inline constexpr Namespace extdisco{"urn:xmpp:extdisco:2", 135};
inline constexpr Namespace extdisco1{"urn:xmpp:extdisco:1", 136};
inline constexpr Namespace sic{"urn:xmpp:sic:1", 137};
inline constexpr Namespace sic0{"urn:xmpp:sic:0", 138};
inline constexpr Namespace host_meta{"http://docs.oasis-open.org/ns/xri/xrd-1.0", 139};
inline constexpr Namespace captcha{"urn:xmpp:captcha", 140};
inline constexpr Namespace jingle{"urn:xmpp:jingle:1", 141};
inline constexpr Namespace jingle_rtp{"urn:xmpp:jingle:apps:rtp:1", 142};
inline constexpr Namespace jingle_message{"urn:xmpp:jingle-message:0", 143};
inline constexpr Namespace ibb{"http://jabber.org/protocol/ibb", 144};
inline constexpr Namespace bytestreams{"http://jabber.org/protocol/bytestreams", 145};
inline constexpr Namespace si{"http://jabber.org/protocol/si", 146};
inline constexpr Namespace geoloc{"http://jabber.org/protocol/geoloc", 147};
inline constexpr Namespace mood{"http://jabber.org/protocol/mood", 148};
inline constexpr Namespace tune{"http://jabber.org/protocol/tune", 149};
inline constexpr Namespace activity{"http://jabber.org/protocol/activity", 150};
inline constexpr Namespace idle{"urn:xmpp:idle:1", 151};
inline constexpr Namespace admin{"http://jabber.org/protocol/admin", 152};
inline constexpr Namespace serverinfo{"http://jabber.org/network/serverinfo", 153};
inline constexpr Namespace stats{"http://jabber.org/protocol/stats", 154};

}  // namespace ns

// The well-known namespace of this URI, or `Namespace{}`. Any worker; no allocation.
Namespace known_namespace(std::string_view uri);

// The well-known namespace with this id, or `Namespace{}`. Any worker.
Namespace namespace_with_id(std::uint16_t id);

}  // namespace meerkat
