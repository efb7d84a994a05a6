// SPDX-License-Identifier: Apache-2.0
#include "xml/start_tag.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "xml/characters.h"
#include "xml/decoder.h"
#include "xml/find.h"
#include "xml/namespaces.h"

namespace meerkat::xml {
namespace {

using namespace std::string_view_literals;

// Others set a limit, too (libxml2: 50000), and what they refuse would end the stream of its recipient.
constexpr std::size_t longest_name = 1024;
constexpr std::size_t few_attributes = 16;  // compared each with each

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// RFC 3986 §2. Some parsers put one of the other characters between namespace and name, and break off when they find it
// in a namespace (CVE-2022-25236); libxml2 refuses what is no URI.
constexpr bool fits_in_uri(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && "-._~:/?#@!$&'()*+,;=%"sv.contains(c);
}

}  // namespace

bool Pass::skip_space() {
  const char* p = p_;  // a local: the bytes might alias the member
  while (p != end_ && is_space(*p)) ++p;
  return std::exchange(p_, p) != p;
}

// Namespaces in XML 1.0 §4: QName, of one or two NCNames.
bool Pass::qualified_name(std::uint16_t& prefix, std::uint16_t& name) {
  const char* const first = p_;
  const char* const colon = name_end(first, end_);
  if (colon == first) return malformed();
  prefix = 0;
  p_ = colon;
  const char* local = first;
  if (colon != end_ && *colon == ':') {
    local = colon + 1;
    p_ = name_end(local, end_);
    if (p_ == local) return malformed();
    if (static_cast<std::size_t>(colon - first) > longest_name) return fail(Problem::too_large);
    prefix = static_cast<std::uint16_t>(colon - first);
  }
  if (static_cast<std::size_t>(p_ - local) > longest_name) return fail(Problem::too_large);
  name = static_cast<std::uint16_t>(p_ - local);
  return true;
}

bool Pass::start_tag() {
  if (arrays_.nodes.size() >= limits_.nodes) return fail(Problem::too_many_nodes);
  if (arrays_.open.size() >= limits_.depth) return fail(Problem::too_deep);
  const auto number = static_cast<std::uint32_t>(arrays_.nodes.size());
  Node node{};
  node.begin = offset();
  node.first_attr = static_cast<std::uint32_t>(arrays_.attrs.size());
  node.next = number + 1;
  ++p_;
  const ParserArrays::Open outside{number, static_cast<std::uint32_t>(arrays_.bindings.size()), default_ns_};
  bool empty = false;
  if (!qualified_name(node.prefix, node.name) || !attributes(node) || !tag_end(node, empty)) return false;
  if (!resolve(node)) return false;
  node.content = node.content_end = node.end = offset();
  arrays_.nodes.push_back(node);
  if (!empty) {
    arrays_.open.push_back(outside);
    return true;
  }
  arrays_.bindings.resize(outside.bindings);
  default_ns_ = outside.outer_default;
  return true;
}

bool Pass::attributes(Node& node) {
  while (skip_space()) {
    if (p_ == end_) return malformed();
    if (*p_ == '>' || *p_ == '/') break;
    if (node.attrs >= limits_.attributes) return fail(Problem::too_many_attributes);
    if (!attribute()) return false;
    ++node.attrs;
  }
  return true;
}

bool Pass::tag_end(Node&, bool& empty) {
  empty = p_ != end_ && *p_ == '/';
  if (empty) ++p_;
  if (p_ == end_ || *p_ != '>') return malformed();
  ++p_;
  return true;
}

bool Pass::attribute() {
  Attr attr{};
  attr.begin = offset();
  if (!qualified_name(attr.prefix, attr.name)) return false;
  skip_space();
  if (p_ == end_ || *p_ != '=') return malformed();
  ++p_;
  skip_space();
  if (!attribute_value(attr)) return false;
  const std::string_view first{begin_ + attr.begin, attr.prefix != 0 ? attr.prefix : attr.name};
  if (first == "xmlns" && !declare(attr)) return false;
  arrays_.attrs.push_back(attr);
  return true;
}

bool Pass::attribute_value(Attr& attr) {
  if (p_ == end_ || (*p_ != '\'' && *p_ != '"')) return malformed();
  const char quote = *p_++;
  attr.value = offset();
  if (!value_until(quote, attr)) return false;
  attr.value_size = offset() - attr.value;
  ++p_;
  return true;
}

bool Pass::value_until(char quote, Attr& attr) {
  while (true) {
    p_ = quote == '"' ? find_any<'"', '<', '&', '\r', '\n', '\t'>(p_, end_)
                      : find_any<'\'', '<', '&', '\r', '\n', '\t'>(p_, end_);
    if (p_ == end_ || *p_ == '<') return malformed();
    if (*p_ == quote) return true;
    attr.encoded = 1;
    if (*p_ != '&') {
      ++p_;
    } else if (!reference()) {
      return false;
    }
  }
}

bool Pass::reference() {
  const auto found = read_reference({p_, static_cast<std::size_t>(end_ - p_)});
  if (!found) return malformed();
  p_ += found->size;
  return true;
}

// A namespace that is written with references or odd white space would need a decoded copy, and nobody writes one:
// refused as policy.
bool Pass::declare(Attr& attr) {
  attr.declaration = 1;
  if (attr.encoded != 0) return fail(Problem::invalid_namespace);
  if (++declarations_ > limits_.namespaces) return fail(Problem::too_many_namespaces);
  const std::string_view uri{begin_ + attr.value, attr.value_size};
  if (attr.prefix != 0) return declare_prefix(local_name(attr), uri);
  const Namespace known = known_namespace(uri);
  if (known == ns::xml || known == ns::xmlns) return fail(Problem::bad_namespace_prefix);
  if (known.id == 0 && !std::ranges::all_of(uri, fits_in_uri)) return fail(Problem::invalid_namespace);
  if (!uri.empty()) return number_of(uri, known.id, default_ns_);
  default_ns_ = 0;
  return true;
}

// Namespaces in XML 1.0 §3: `xml` may only mean what it means, nothing else may mean that, `xmlns` is not declared.
bool Pass::declare_prefix(std::string_view prefix, std::string_view uri) {
  const Namespace known = known_namespace(uri);
  if (prefix == "xmlns" || known == ns::xmlns) return fail(Problem::bad_namespace_prefix);
  if ((prefix == "xml") != (known == ns::xml)) return fail(Problem::bad_namespace_prefix);
  if (uri.empty()) return fail(Problem::invalid_namespace);
  if (known.id == 0 && !std::ranges::all_of(uri, fits_in_uri)) return fail(Problem::invalid_namespace);
  if (prefix == "xml") return true;
  std::uint16_t ns = 0;
  if (!number_of(uri, known.id, ns)) return false;
  arrays_.bindings.push_back({prefix.data(), static_cast<std::uint32_t>(prefix.size()), ns});
  return true;
}

// The number of a namespace within the piece: its id if it is well known, else its place among the foreign ones. One
// number per URI, so that attributes can be compared.
bool Pass::number_of(std::string_view uri, std::uint16_t known, std::uint16_t& ns) {
  ns = known;
  if (known != 0) return true;
  auto& foreign = arrays_.foreign;
  const auto at = std::ranges::find(foreign, uri, &ForeignNamespace::uri);
  if (at == foreign.end() && foreign.size() >= Index::foreign_bit - 1u) return fail(Problem::too_many_namespaces);
  ns = static_cast<std::uint16_t>(Index::foreign_bit | (at - foreign.begin()));
  if (at == foreign.end()) foreign.push_back({uri});
  return true;
}

bool Pass::resolve(Node& node) {
  node.ns = default_ns_;
  if (node.prefix != 0 && !resolve_prefix({begin_ + node.begin + 1, node.prefix}, node.ns)) return false;
  for (Attr& attr : std::span{arrays_.attrs}.subspan(node.first_attr)) {
    if (attr.declaration != 0) {
      attr.ns = ns::xmlns.id;
    } else if (attr.prefix != 0 && !resolve_prefix({begin_ + attr.begin, attr.prefix}, attr.ns)) {
      return false;
    }
  }
  return node.attrs < 2 || unique_attributes(node);
}

bool Pass::resolve_prefix(std::string_view prefix, std::uint16_t& ns) {
  if (prefix == "xml") {
    ns = ns::xml.id;
    return true;
  }
  if (prefix == "xmlns") return fail(Problem::bad_namespace_prefix);
  for (auto each = arrays_.bindings.rbegin(); each != arrays_.bindings.rend(); ++each) {
    if (std::string_view{each->prefix, each->size} != prefix) continue;
    ns = each->ns;
    return true;
  }
  for (const StreamScope::Prefix& each : scope_.prefixes()) {
    if (each.name != prefix) continue;
    uses_stream_prefix_ = true;
    return number_of(each.uri, each.id, ns);
  }
  return fail(Problem::invalid_namespace);
}

std::string_view Pass::local_name(const Attr& attr) const {
  return {begin_ + attr.begin + (attr.prefix == 0 ? 0 : attr.prefix + 1u), attr.name};
}

int Pass::compare(const Attr& a, const Attr& b) const {
  if (a.name != b.name) return a.name < b.name ? -1 : 1;
  if (a.ns != b.ns) return a.ns < b.ns ? -1 : 1;
  return std::memcmp(local_name(a).data(), local_name(b).data(), a.name);
}

// Declarations count as attributes in the namespace of xmlns, so no declaration can hide behind another.
bool Pass::unique_attributes(const Node& node) {
  if (node.attrs > few_attributes) return unique_among_many(node);
  const std::span attrs = std::span{arrays_.attrs}.subspan(node.first_attr);
  for (std::size_t i = 1; i < attrs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (attrs[i].name == attrs[j].name && compare(attrs[i], attrs[j]) == 0) return malformed();
  return true;
}

// By sorting: nobody can make it quadratic.
bool Pass::unique_among_many(const Node& node) {
  auto& sorted = arrays_.sorted;
  const std::span attrs = std::span{arrays_.attrs}.subspan(node.first_attr);
  sorted.resize(attrs.size());
  std::iota(sorted.begin(), sorted.end(), 0u);
  std::ranges::sort(sorted, [&](auto a, auto b) { return compare(attrs[a], attrs[b]) < 0; });
  const auto same = [&](auto a, auto b) { return compare(attrs[a], attrs[b]) == 0; };
  return std::ranges::adjacent_find(sorted, same) == sorted.end() || malformed();
}

}  // namespace meerkat::xml
