// SPDX-License-Identifier: Apache-2.0
#include "config/node.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace meerkat::config {
namespace {

constexpr std::size_t brief_size = 60;

std::string shortened(std::string_view text) {
  if (text.size() <= brief_size) return in_quotes(text);
  std::size_t end = brief_size;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character
  return in_quotes(std::string{text.substr(0, end)} + "…");
}

}  // namespace

Node::Node() = default;
Node::Node(Value value, Place place) : value_(std::move(value)), place_(place) {}
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

const NodeEntry* Node::entry(std::string_view key) const {
  const Table* entries = table();
  if (entries == nullptr) return nullptr;
  const auto found = std::ranges::find(*entries, key, &NodeEntry::key);
  return found == entries->end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
  const NodeEntry* found = entry(key);
  return found == nullptr ? nullptr : &found->node;
}

const Node* Node::at(std::string_view dotted) const {
  const Node* node = this;
  while (node != nullptr) {
    const std::size_t dot = dotted.find('.');
    node = node->find(dotted.substr(0, dot));
    if (dot == std::string_view::npos) return node;
    dotted.remove_prefix(dot + 1);
  }
  return nullptr;
}

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::table:
      return "a table";
    case Node::Kind::array:
      return "a list";
    case Node::Kind::string:
      return "a string";
    case Node::Kind::integer:
      return "a whole number";
    case Node::Kind::floating:
      return "a number with a fraction";
    case Node::Kind::boolean:
      return "true or false";
    case Node::Kind::date:
      return "a date or time";
  }
  return "nothing";
}

std::string brief(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::string:
      return shortened(*node.string());
    case Node::Kind::integer:
      return std::to_string(*node.integer());
    case Node::Kind::floating:
      return fmt::format("{}", *node.floating());
    case Node::Kind::boolean:
      return *node.boolean() ? "true" : "false";
    case Node::Kind::date:
      return node.date()->text;
    case Node::Kind::table:
    case Node::Kind::array:
      return std::string{name_of(node.kind())};
  }
  return {};
}

std::string in_quotes(std::string_view text) {
  std::string out{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out += '"';
}

}  // namespace meerkat::config
