// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stanza.h"

#include "base/secret.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <span>

#include "base/check.h"
#include "xml/parser.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

struct TypeName {
  StanzaType type;
  std::string_view word;
};
constexpr TypeName message_types[] = {{StanzaType::chat, "chat"},
                                      {StanzaType::groupchat, "groupchat"},
                                      {StanzaType::normal, "normal"},
                                      {StanzaType::headline, "headline"},
                                      {StanzaType::error, "error"}};
constexpr TypeName presence_types[] = {{StanzaType::unavailable, "unavailable"},
                                       {StanzaType::subscribe, "subscribe"},
                                       {StanzaType::subscribed, "subscribed"},
                                       {StanzaType::unsubscribe, "unsubscribe"},
                                       {StanzaType::unsubscribed, "unsubscribed"},
                                       {StanzaType::probe, "probe"},
                                       {StanzaType::error, "error"}};
constexpr TypeName iq_types[] = {
    {StanzaType::get, "get"}, {StanzaType::set, "set"}, {StanzaType::result, "result"}, {StanzaType::error, "error"}};

std::span<const TypeName> types_of(StanzaKind kind) {
  switch (kind) {
    case StanzaKind::message:
      return message_types;
    case StanzaKind::presence:
      return presence_types;
    case StanzaKind::iq:
      return iq_types;
  }
  return {};
}

bool stays_in_envelope(const xml::Attribute& attribute) {
  return attribute.prefix.empty() && (attribute.name == "from" || attribute.name == "to");
}

// What must be kept of the root's start tag; counted first, written second.
template <class Use>
void for_each_kept(const xml::Element& root, const Use& use) {
  for (const xml::Declaration declaration : root.declarations())
    if (!declaration.prefix.empty()) use(declaration.raw);
  for (const xml::Attribute attribute : root.attributes())
    if (!stays_in_envelope(attribute)) use(attribute.raw);
}

Stanza parsed(Stanza envelope, const std::string& text) {
  // The server's own words; a parser of its own, because the worker's may be in use by the stanza being answered.
  thread_local xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits::none());
  check(index.has_value(), "the server writes well-formed stanzas");
  envelope.body = BodyRef::copy_of(*index, {});
  return envelope;
}

}  // namespace

std::string_view name_of(StanzaKind kind) {
  switch (kind) {
    case StanzaKind::message:
      return "message";
    case StanzaKind::presence:
      return "presence";
    case StanzaKind::iq:
      return "iq";
  }
  return "";
}

std::string_view name_of(StanzaType type) {
  if (type == StanzaType::normal || type == StanzaType::available) return "";
  for (const StanzaKind kind : {StanzaKind::message, StanzaKind::presence, StanzaKind::iq})
    for (const TypeName& known : types_of(kind))
      if (known.type == type) return known.word;
  return "";
}

std::optional<StanzaType> stanza_type(StanzaKind kind, std::string_view word) {
  for (const TypeName& known : types_of(kind))
    if (known.word == word) return known.type;
  return std::nullopt;
}

BodyRef::~BodyRef() {
  if (body_ == nullptr || body_->owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::size_t wiped = body_->secret_.load(std::memory_order_relaxed) ? body_->footprint_ : 0;
  body_->~Body();
  if (wiped > 0) wipe(body_, wiped);
  std::free(body_);
}

BodyRef BodyRef::copy_of(const xml::Index& index, std::string_view lang) {
  const xml::Element root{index};
  std::size_t attributes = 0;
  for_each_kept(root, [&](std::string_view raw) { attributes += raw.size() + 1; });
  std::string lang_attribute;
  if (!lang.empty() && !root.attr("lang", ns::xml)) {
    xml::write_attribute(lang_attribute, "xml:lang", lang);
    attributes += lang_attribute.size();
  }

  static_assert(sizeof(Body) % alignof(void*) == 0);
  const std::size_t copied = index.bytes_needed();
  void* const memory = std::malloc(sizeof(Body) + copied + attributes);
  if (memory == nullptr) throw std::bad_alloc();
  BodyRef made;
  Body& body = *(made.body_ = new (memory) Body);
  body.footprint_ = static_cast<std::uint32_t>(sizeof(Body) + copied + attributes);
  char* const after = static_cast<char*>(memory) + sizeof(Body);
  body.index_ = index.copy_to(after);
  char* to = after + copied;
  body.attributes_ = to;
  body.attributes_size_ = static_cast<std::uint32_t>(attributes);
  for_each_kept(root, [&](std::string_view raw) {
    *to++ = ' ';
    to = std::copy(raw.begin(), raw.end(), to);
  });
  std::copy(lang_attribute.begin(), lang_attribute.end(), to);
  body.inner_ = body.element().inner_raw();
  return made;
}

bool spliceable(const xml::Index& index, const xml::StreamScope& scope) {
  if (index.uses_stream_prefix) return false;
  const xml::Element root{index};
  for (const xml::Declaration declaration : root.declarations())
    if (declaration.prefix.empty()) return declaration.uri == root.namespace_uri();
  return scope.default_uri() == root.namespace_uri();
}

std::string Stanza::id() const {
  const auto id = element().attr("id");
  return id ? id->str() : std::string{};
}

namespace {

// `declaration` stands behind the name.
void append(std::string& out, const Stanza& stanza, const Jid& to, std::string_view declaration) {
  const std::string_view name = name_of(stanza.kind);
  out += '<';
  out += name;
  out += declaration;
  if (stanza.from) {
    out += " from='";
    xml::escape_attribute(out, stanza.from.text());
    out += '\'';
  }
  if (to) {
    out += " to='";
    xml::escape_attribute(out, to.text());
    out += '\'';
  }
  out += stanza.body->attributes();
  const std::string_view inner = stanza.body->inner();
  if (inner.empty() && stanza.extras.empty()) {
    out += "/>";
    return;
  }
  out += '>';
  out += inner;
  out += stanza.extras;
  out += "</";
  out += name;
  out += '>';
}

}  // namespace

void append_stanza(std::string& out, const Stanza& stanza, const Jid& to) { append(out, stanza, to, {}); }

void append_stanza(std::string& out, const Stanza& stanza) { append(out, stanza, stanza.to, {}); }

void append_stanza_alone(std::string& out, const Stanza& stanza) {
  append(out, stanza, stanza.to, " xmlns='jabber:client'");
}

namespace {

std::optional<StanzaKind> stanza_kind(const xml::Element& element) {
  for (const StanzaKind kind : {StanzaKind::message, StanzaKind::presence, StanzaKind::iq})
    if (element.is(name_of(kind), ns::client)) return kind;
  return std::nullopt;
}

// False when there is one that cannot be read.
bool read_address(const xml::Element& element, std::string_view name, Jid& address) {
  const auto text = element.attr(name);
  if (!text) return true;
  auto read = Jid::parse(text->str());
  if (read) address = std::move(*read);
  return read.has_value();
}

}  // namespace

std::optional<Stanza> read_stanza(std::string_view xml, xml::Parser& parser) {
  const auto index = parser.parse(xml, xml::StreamScope::client(), xml::Limits::none());
  if (!index) return std::nullopt;
  const xml::Element root{*index};
  const auto kind = stanza_kind(root);
  if (!kind || !spliceable(*index, xml::StreamScope::client())) return std::nullopt;
  Stanza stanza{.kind = *kind};
  if (*kind == StanzaKind::presence) stanza.type = StanzaType::available;
  if (const auto word = root.attr("type")) {
    const auto type = stanza_type(*kind, word->str());
    if (!type && *kind != StanzaKind::message) return std::nullopt;
    if (type) stanza.type = *type;
  }
  if (!read_address(root, "from", stanza.from) || !read_address(root, "to", stanza.to)) return std::nullopt;
  stanza.body = BodyRef::copy_of(*index, {});
  return stanza;
}

Stanza with_replaced(Stanza stanza, const Namespace& ns, std::string_view content) {
  const std::string_view name = name_of(stanza.kind);
  std::string text = "<";
  text += name;
  text += stanza.body->attributes();
  text += '>';
  xml::append_inner_without(text, stanza.element(),
                            [&](const xml::Element& child) { return child.namespace_id() == ns.id; });
  text += content;
  text += "</";
  text += name;
  text += '>';
  return parsed(std::move(stanza), text);
}

Stanza make_stanza(StanzaKind kind, StanzaType type, const Jid& from, const Jid& to, std::string_view id,
                   std::string_view content) {
  const std::string_view name = name_of(kind);
  std::string text = "<";
  text += name;
  if (const std::string_view word = name_of(type); !word.empty()) xml::write_attribute(text, "type", word);
  if (!id.empty()) xml::write_attribute(text, "id", id);
  text += '>';
  text += content;
  text += "</";
  text += name;
  text += '>';
  return parsed({.kind = kind, .type = type, .from = from, .to = to}, text);
}

Stanza make_result(const Stanza& request, std::string_view content) {
  return make_stanza(StanzaKind::iq, StanzaType::result, request.to, request.from, request.id(), content);
}

Stanza make_error(const Stanza& original, const StanzaError& error) {
  // The content goes back so that the sender sees what failed, unless it is so large that an attacker would like it.
  constexpr std::size_t largest_echo = 16 * 1024;
  std::string content;
  // Registrations hold a password, which need not travel once more (XEP-0077 §3.3).
  const bool secret = original.element().child(ns::register_).has_value();
  if (!secret && original.body->inner().size() <= largest_echo) content = original.body->inner();
  error.append_to(content);
  const std::string_view name = name_of(original.kind);
  // Prefixes declared on the root may be used by the content, so the declarations go back too.
  std::string text = "<";
  text += name;
  for (const xml::Declaration declaration : original.element().declarations()) {
    if (declaration.prefix.empty()) continue;
    text += ' ';
    text += declaration.raw;
  }
  xml::write_attribute(text, "type", "error");
  if (const std::string id = original.id(); !id.empty()) xml::write_attribute(text, "id", id);
  text += '>';
  text += content;
  text += "</";
  text += name;
  text += '>';
  return parsed({.kind = original.kind, .type = StanzaType::error, .from = original.to, .to = original.from}, text);
}

}  // namespace meerkat
