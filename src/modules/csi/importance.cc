// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/importance.h"

#include <algorithm>

namespace meerkat {
namespace {

bool is_availability(const Stanza& presence) {
  return presence.kind == StanzaKind::presence &&
         (presence.type == StanzaType::available || presence.type == StanzaType::unavailable);
}

bool is_notice(const xml::Element& child) {
  for (const Namespace& ns : {ns::chat_states, ns::receipts, ns::chat_markers})
    if (child.namespace_id() == ns.id) return true;
  return false;
}

// Says for whom, how and under which id a message is, and nothing that anybody would read.
bool is_envelope(const xml::Element& child) {
  if (child.is("thread", ns::client)) return true;
  for (const Namespace& ns : {ns::stanza_id, ns::delay, ns::hints})
    if (child.namespace_id() == ns.id) return true;
  return false;
}

bool is_only_notices(const Stanza& message) {
  bool any = false;
  for (const xml::Element child : message.element().children()) {
    if (is_notice(child))
      any = true;
    else if (!is_envelope(child))
      return false;
  }
  return any;
}

bool is_typing_notice(const Stanza& message) {
  return message.kind == StanzaKind::message && message.element().child(ns::chat_states) &&
         !message.element().child(ns::receipts) && !message.element().child(ns::chat_markers);
}

}  // namespace

bool can_wait(const Stanza& stanza) {
  if (is_availability(stanza)) return true;
  if (stanza.kind != StanzaKind::message || stanza.type == StanzaType::error) return false;
  return is_only_notices(stanza);
}

bool replaces(const Stanza& newer, const Stanza& older) {
  if (newer.kind != older.kind || newer.from != older.from) return false;
  if (newer.kind == StanzaKind::presence) return newer.to == older.to;
  return newer.type == older.type && is_typing_notice(newer) && is_typing_notice(older);
}

}  // namespace meerkat
