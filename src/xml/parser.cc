// SPDX-License-Identifier: Apache-2.0
#include "xml/parser.h"

#include <algorithm>
#include <cstring>

#include "xml/characters.h"
#include "xml/find.h"
#include "xml/start_tag.h"

namespace meerkat::xml {

Pass::Pass(ParserArrays& arrays, std::string_view piece, const StreamScope& scope, const Limits& limits)
    : arrays_(arrays),
      scope_(scope),
      limits_(limits),
      begin_(piece.data()),
      p_(piece.data()),
      end_(piece.data() + piece.size()) {
  arrays_.nodes.clear();
  arrays_.attrs.clear();
  arrays_.foreign.clear();
  arrays_.bindings.clear();
  arrays_.open.clear();
  if (!scope.default_uri().empty()) number_of(scope.default_uri(), scope.default_id(), default_ns_);
}

bool Pass::acceptable() {
  const std::string_view piece{begin_, static_cast<std::size_t>(end_ - begin_)};
  if (piece.size() > limits_.bytes) return fail(Problem::too_large);
  if (!valid_characters(piece)) return malformed();
  return piece.starts_with('<') || malformed();
}

bool Pass::content() {
  while (!arrays_.open.empty()) {
    if (!text()) return false;
    const char after = end_ - p_ > 1 ? p_[1] : '\0';
    bool good = false;
    if (after == '/') {
      good = end_tag();
    } else if (after == '!') {
      good = cdata();
    } else if (after == '?') {
      good = fail(Problem::restricted_xml);
    } else {
      good = start_tag();
    }
    if (!good) return false;
  }
  return true;
}

// Character data up to the next `<`. XML 1.0 §2.4: no ]]> in it.
bool Pass::text() {
  while (true) {
    p_ = find_any<'<', '&', ']'>(p_, end_);
    if (p_ == end_) return malformed();
    if (*p_ == '<') return true;
    if (*p_ == '&') {
      if (!reference()) return false;
      continue;
    }
    if (end_ - p_ > 2 && p_[1] == ']' && p_[2] == '>') return malformed();
    ++p_;
  }
}

bool Pass::cdata() {
  constexpr std::string_view opening = "<![CDATA[";
  std::string_view rest{p_, static_cast<std::size_t>(end_ - p_)};
  if (!rest.starts_with(opening)) return fail(Problem::restricted_xml);
  const std::size_t end = rest.find("]]>", opening.size());
  if (end == rest.npos) return malformed();
  p_ += end + 3;
  return true;
}

bool Pass::end_tag() {
  const ParserArrays::Open opened = arrays_.open.back();
  Node& node = arrays_.nodes[opened.node];
  node.content_end = offset();
  const std::size_t size = node.prefix == 0 ? node.name : node.prefix + 1u + node.name;
  if (static_cast<std::size_t>(end_ - p_) < size + 3) return malformed();
  if (std::memcmp(p_ + 2, begin_ + node.begin + 1, size) != 0) return malformed();
  p_ += 2 + size;
  skip_space();
  if (p_ == end_ || *p_ != '>') return malformed();
  ++p_;
  node.end = offset();
  node.next = static_cast<std::uint32_t>(arrays_.nodes.size());
  arrays_.bindings.resize(opened.bindings);
  default_ns_ = opened.outer_default;
  arrays_.open.pop_back();
  return true;
}

void Pass::close_without_end_tag() { arrays_.open.clear(); }

Index Pass::index() const {
  return {.bytes = begin_,
          .size = static_cast<std::uint32_t>(end_ - begin_),
          .uses_stream_prefix = uses_stream_prefix_,
          .nodes = arrays_.nodes,
          .attrs = arrays_.attrs,
          .foreign = arrays_.foreign};
}

std::expected<Index, Problem> Parser::parse(std::string_view piece, const StreamScope& scope, const Limits& limits) {
  Pass pass{arrays_, piece, scope, limits};
  if (!pass.acceptable() || !pass.start_tag() || !pass.content()) return std::unexpected{pass.problem};
  if (!pass.at_end()) return std::unexpected{Problem::not_well_formed};
  return pass.index();
}

std::expected<Index, Problem> Parser::parse_open(std::string_view piece, const Limits& limits) {
  Pass pass{arrays_, piece, StreamScope::none(), limits};
  if (!pass.acceptable() || !pass.start_tag()) return std::unexpected{pass.problem};
  // <stream:stream/> opens nothing.
  if (!pass.at_end() || pass.everything_closed()) return std::unexpected{Problem::not_well_formed};
  pass.close_without_end_tag();
  return pass.index();
}

std::expected<StreamScope, Problem> Parser::scope_of(const Index& open) {
  StreamScope scope;
  for (const Declaration declaration : Element{open}.declarations()) {
    if (declaration.prefix.empty()) {
      scope.declare_default(declaration.uri.raw());
    } else if (declaration.prefix != "xml") {
      scope.declare(declaration.prefix, declaration.uri.raw());
    }
  }
  return scope;
}

Problem Parser::check_close(std::string_view piece, std::string_view qualified_name) {
  if (!piece.starts_with("</") || !piece.ends_with('>')) return Problem::not_well_formed;
  piece = piece.substr(2, piece.size() - 3);
  if (!piece.starts_with(qualified_name)) return Problem::not_well_formed;
  const bool rest_is_space = piece.find_first_not_of(" \t\r\n", qualified_name.size()) == piece.npos;
  return rest_is_space ? Problem::none : Problem::not_well_formed;
}

}  // namespace meerkat::xml
