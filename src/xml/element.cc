// SPDX-License-Identifier: Apache-2.0
#include "xml/element.h"

#include "xml/decoder.h"

namespace meerkat::xml {
namespace {

std::string_view local_name(const Index& index, const Attr& attr) {
  const std::uint32_t skip = attr.prefix == 0 ? 0 : attr.prefix + 1u;
  return {index.bytes + attr.begin + skip, attr.name};
}

Text value_of(const Index& index, const Attr& attr) {
  return {{index.bytes + attr.value, attr.value_size}, Text::Kind::attribute, attr.encoded != 0};
}

// The closing quote belongs to it.
std::string_view raw_of(const Index& index, const Attr& attr) {
  return index.slice(attr.begin, attr.value + attr.value_size + 1);
}

// Calls `take` with each stretch of character data directly inside, still encoded.
void each_stretch(const Element& element, const auto& take) {
  const Index& index = element.index();
  const Node& node = index.nodes[element.node_number()];
  std::uint32_t at = node.content;
  for (const Element child : element.children()) {
    const Node& inner = index.nodes[child.node_number()];
    if (inner.begin != at) take(index.slice(at, inner.begin));
    at = inner.end;
  }
  if (node.content_end != at) take(index.slice(at, node.content_end));
}

bool is_encoded(std::string_view text) { return text.find_first_of("&<\r") != text.npos; }

}  // namespace

template <>
Attribute AttributeRange<Attribute>::iterator::operator*() const {
  const std::uint16_t ns = at_->ns;
  return {.prefix = {index_->bytes + at_->begin, at_->prefix},
          .name = local_name(*index_, *at_),
          .namespace_uri = index_->uri_of(ns),
          .namespace_id = (ns & Index::foreign_bit) != 0 ? std::uint16_t{0} : ns,
          .value = value_of(*index_, *at_),
          .raw = raw_of(*index_, *at_)};
}

template <>
Declaration AttributeRange<Declaration>::iterator::operator*() const {
  const std::string_view prefix = at_->prefix == 0 ? std::string_view{} : local_name(*index_, *at_);
  return {.prefix = prefix, .uri = value_of(*index_, *at_), .raw = raw_of(*index_, *at_)};
}

std::optional<Text> Element::attr(std::string_view name) const { return attr(name, Namespace{}); }

std::optional<Text> Element::attr(std::string_view name, const Namespace& ns) const {
  for (const Attr& attr : index_->attrs.subspan(node().first_attr, node().attrs)) {
    if (attr.declaration != 0 || attr.ns != ns.id || attr.name != name.size()) continue;
    if (local_name(*index_, attr) == name) return value_of(*index_, attr);
  }
  return std::nullopt;
}

std::optional<Element> Element::first_child() const {
  if (!has_children()) return std::nullopt;
  return Element{*index_, node_ + 1};
}

std::optional<Element> Element::child(std::string_view name, const Namespace& ns) const {
  for (const Element each : children())
    if (each.is(name, ns)) return each;
  return std::nullopt;
}

std::optional<Element> Element::child(const Namespace& ns) const {
  for (const Element each : children())
    if (each.node().ns == ns.id) return each;
  return std::nullopt;
}

std::optional<Element> Element::child(std::string_view name) const {
  for (const Element each : children())
    if (each.name() == name) return each;
  return std::nullopt;
}

std::string Element::text() const {
  std::string out;
  each_stretch(*this,
               [&out](std::string_view raw) { Text{raw, Text::Kind::characters, is_encoded(raw)}.append_to(out); });
  return out;
}

std::string_view Element::text_view(std::string& storage) const {
  const std::string_view all = inner_raw();
  if (!has_children() && !is_encoded(all)) return all;
  storage = text();
  return storage;
}

}  // namespace meerkat::xml
