// SPDX-License-Identifier: Apache-2.0
#include "xml/writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "xml/characters.h"

namespace meerkat::xml {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

enum class Place : unsigned char { text = 1, attribute = 2 };

// By byte: the places in which it is written as a reference.
constexpr auto escaped_in = [] {
  std::array<unsigned char, 256> places{};
  places['&'] = places['<'] = places['>'] = places['\r'] = 3;
  places['\''] = places['"'] = places['\n'] = places['\t'] = 2;
  return places;
}();

bool needs_reference(char c, Place place) {
  return (escaped_in[static_cast<unsigned char>(c)] & static_cast<unsigned char>(place)) != 0;
}

std::string_view reference_to(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\'':
      return "&apos;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#13;";
    case '\n':
      return "&#10;";
    default:
      return "&#9;";
  }
}

void escape_valid(std::string& out, std::string_view text, Place place) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_reference(text[i], place)) continue;
    out += text.substr(done, i - done);
    out += reference_to(text[i]);
    done = i + 1;
  }
  out += text.substr(done);
}

void escape(std::string& out, std::string_view text, Place place) {
  if (valid_characters(text)) return escape_valid(out, text, place);
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) {
      out += replacement;
    } else {
      escape_valid(out, text.substr(0, size), place);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

// A namespace as it stands in accepted bytes or in the table of known ones: no `<`, no `&`, at most one kind of quote.
// Written as it is, because a reference in a declaration is what our own parser refuses.
void write_declaration(std::string& out, std::string_view prefix, std::string_view uri) {
  const char quote = uri.contains('\'') ? '"' : '\'';
  out += prefix.empty() ? " xmlns" : " xmlns:";
  out += prefix;
  out += '=';
  out += quote;
  out += uri;
  out += quote;
}

// Attributes in a namespace keep their prefix, declared here once.
void write_attributes(std::string& out, const Element& element) {
  std::vector<std::string_view> declared;
  for (const Attribute attribute : element.attributes()) {
    const std::string_view prefix = attribute.prefix;
    const bool needs = !prefix.empty() && prefix != "xml";
    if (needs && std::ranges::find(declared, prefix) == declared.end()) {
      write_declaration(out, prefix, attribute.namespace_uri);
      declared.push_back(prefix);
    }
    out += ' ';
    out += attribute.raw;
  }
}

// One tag on the way down, or the rest of an element on the way up.
struct Step {
  Element element;
  std::string_view outer_namespace;
  std::uint32_t written;  // of the index's bytes, up to here
  ChildRange::iterator next_child;
};

// `xml` is the one prefix that is always there, and its namespace may not become the default one.
std::string_view kept_prefix(const Element& element) {
  return element.namespace_id() == ns::xml.id ? std::string_view{"xml:"} : std::string_view{};
}

Step begin_element(std::string& out, const Element& element, std::string_view outer_namespace) {
  out += '<';
  out += kept_prefix(element);
  out += element.name();
  std::string_view inner_namespace = outer_namespace;
  if (kept_prefix(element).empty() && element.namespace_uri() != outer_namespace) {
    inner_namespace = element.namespace_uri();
    write_declaration(out, {}, inner_namespace);
  }
  write_attributes(out, element);
  const auto content = static_cast<std::uint32_t>(element.offset() + element.size_of_start_tag());
  out += element.inner_raw().empty() ? "/>" : ">";
  return {element, inner_namespace, content, element.children().begin()};
}

void end_element(std::string& out, const Step& step) {
  const Node& node = step.element.index().nodes[step.element.node_number()];
  if (node.content == node.content_end) return;
  out += step.element.index().slice(step.written, node.content_end);
  out += "</";
  out += kept_prefix(step.element);
  out += step.element.name();
  out += '>';
}

}  // namespace

void escape_text(std::string& out, std::string_view text) { escape(out, text, Place::text); }

void escape_attribute(std::string& out, std::string_view text) { escape(out, text, Place::attribute); }

void write_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "='";
  escape_attribute(out, value);
  out += '\'';
}

void reserialize(std::string& out, const Element& element, std::string_view outer_namespace) {
  std::vector<Step> open{begin_element(out, element, outer_namespace)};
  while (!open.empty()) {
    Step& step = open.back();
    const Index& index = step.element.index();
    if (step.next_child == step.element.children().end()) {
      end_element(out, step);
      open.pop_back();
      continue;
    }
    const Element child = *step.next_child++;
    out += index.slice(step.written, child.offset());
    step.written = child.offset() + static_cast<std::uint32_t>(child.raw().size());
    open.push_back(begin_element(out, child, step.outer_namespace));
  }
}

}  // namespace meerkat::xml
