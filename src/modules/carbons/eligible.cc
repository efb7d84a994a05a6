// SPDX-License-Identifier: Apache-2.0
#include "modules/carbons/eligible.h"

namespace meerkat {
namespace {

bool has_chat_payload(const xml::Element& message) {
  return message.child(ns::chat_states) || message.child(ns::receipts) || message.child(ns::chat_markers);
}

bool is_invitation(const xml::Element& message) {
  if (message.child("x", ns::conference)) return true;
  const auto room = message.child("x", ns::muc_user);
  return room && room->child("invite", ns::muc_user);
}

}  // namespace

Eligibility eligible(const Stanza& message, Direction direction) {
  const xml::Element element = message.element();
  if (message.type == StanzaType::groupchat) return {false, "rooms tell every device themselves"};
  if (element.child("private", ns::carbons)) return {false, "marked private"};
  if (element.child("no-copy", ns::hints)) return {false, "marked as not to be copied"};
  if (element.child("received", ns::carbons) || element.child("sent", ns::carbons)) return {false, "a copy already"};
  if (is_invitation(element)) return {true, "an invitation to a room"};
  if (direction == Direction::received && message.from.is_full() && element.child("x", ns::muc_user))
    return {false, "a room tells every device that is in it"};
  if (message.type == StanzaType::chat) return {true, "chat"};
  if (message.type == StanzaType::normal && element.child("body", ns::client)) return {true, "has a body"};
  if (has_chat_payload(element)) return {true, "part of a conversation"};
  // Whether the message that failed was eligible can be told from what came back of it, or from where it went: clients
  // begin conversations with bare addresses.
  if (message.type == StanzaType::error && (message.from.is_bare() || element.child("body", ns::client)))
    return {true, "an answer to a message"};
  return {false, "not part of a conversation"};
}

}  // namespace meerkat
