// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stanza_parts.h"

#include "base/check.h"
#include "xml/parser.h"

namespace meerkat {

std::string lang_of(const Stanza& stanza) {
  if (const auto lang = stanza.element().attr("lang", ns::xml)) return lang->str();
  // Where copy_of wrote the stream's.
  constexpr std::string_view begin = " xml:lang='";
  const std::string_view attributes = stanza.body->attributes();
  const std::size_t at = attributes.rfind(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view lang = attributes.substr(at + begin.size());
  return std::string{lang.substr(0, lang.find('\''))};
}

BodyRef without_child(const Stanza& stanza, const xml::Element& child) {
  const xml::Element root = stanza.element();
  const std::size_t begin = child.offset() - root.offset();
  std::string text{root.raw().substr(0, begin)};
  text += root.raw().substr(begin + child.raw().size());
  thread_local xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits::none());
  check(index.has_value(), "a stanza without one of its children is a stanza");
  return BodyRef::copy_of(*index, lang_of(stanza));
}

}  // namespace meerkat
