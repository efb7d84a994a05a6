// SPDX-License-Identifier: Apache-2.0
#include "modules/offline/worth.h"

#include <charconv>

#include "xml/builder.h"

namespace meerkat {
namespace {

using xml::Element;

bool has_hint(const Element& message, std::string_view hint) { return message.child(hint, ns::hints).has_value(); }

// It says something of the message or of its way, and nothing to a person or a program.
bool is_wrapping(const Element& child) {
  const std::uint16_t number = child.namespace_id();
  return number == ns::hints.id || number == ns::stanza_id.id || number == ns::delay.id || number == ns::x_delay.id ||
         child.is("thread", ns::client);
}

// XEP-0022 §3.2: an answer to a request names the message it belongs to. It tells of a moment, as chat states do.
bool is_event(const Element& child) {
  return child.is("x", ns::message_event) && child.child("id", ns::message_event).has_value();
}

struct Content {
  bool of_the_moment = false;
  bool lasting = false;
};

Content content_of(const Element& message) {
  Content content;
  for (const Element child : message.children()) {
    if (child.namespace_id() == ns::chat_states.id || is_event(child))
      content.of_the_moment = true;
    else if (!is_wrapping(child))
      content.lasting = true;
  }
  return content;
}

bool is_of_a_type_to_keep(StanzaType type, bool keep_groupchat) {
  if (type == StanzaType::groupchat) return keep_groupchat;
  return type == StanzaType::chat || type == StanzaType::normal;
}

}  // namespace

Worth worth_of(const Stanza& message, bool keep_groupchat) {
  if (!is_of_a_type_to_keep(message.type, keep_groupchat)) return Worth::refused;
  const Element element = message.element();
  const Content content = content_of(element);
  const bool no_store = has_hint(element, "no-store");
  if (!no_store && has_hint(element, "store")) return Worth::kept;
  if (content.of_the_moment && !content.lasting) return Worth::dropped;
  return content.lasting && !no_store ? Worth::kept : Worth::refused;
}

std::optional<std::chrono::seconds> useful_for(const Element& message) {
  const auto expire = message.child("x", ns::message_expire);
  const auto written = expire ? expire->attr("seconds") : std::nullopt;
  if (!written) return std::nullopt;
  const std::string text = written->str();
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds{seconds};
}

bool asks_for_offline_event(const Element& message) {
  const auto event = message.child("x", ns::message_event);
  return event && event->child("offline", ns::message_event) && !event->child("id", ns::message_event);
}

Stanza offline_event(const Stanza& kept) {
  const xml::Builder event =
      xml::Builder("x", ns::message_event).child(xml::Builder("offline")).child(xml::Builder("id").text(kept.id()));
  return make_stanza(StanzaKind::message, StanzaType::normal, kept.to.bare(), kept.from, {}, event.str());
}

}  // namespace meerkat
