// SPDX-License-Identifier: Apache-2.0
// The parser's pass over a piece: where it is, and what it does with start tags and their namespaces. Only parser.cc
// and start_tag.cc look in here.
#pragma once

#include <cstdint>
#include <string_view>

#include "xml/parser.h"

namespace meerkat::xml {

// Lives for one parse. Functions that return bool return false when the piece is refused, and leave why in `problem`.
class Pass {
 public:
  Pass(ParserArrays& arrays, std::string_view piece, const StreamScope& scope, const Limits& limits);

  // Size and characters, before anything else.
  bool acceptable();
  // At `<` and a name: the whole start tag; writes a Node.
  bool start_tag();
  // All that follows the root's start tag.
  bool content();
  bool at_end() const { return p_ == end_; }
  bool everything_closed() const { return arrays_.open.empty(); }
  // An opening tag has no end tag in its piece.
  void close_without_end_tag();

  Index index() const;
  Problem problem = Problem::none;

 private:
  bool fail(Problem what) {
    problem = what;
    return false;
  }
  bool malformed() { return fail(Problem::not_well_formed); }
  std::uint32_t offset() const { return static_cast<std::uint32_t>(p_ - begin_); }
  bool skip_space();
  bool qualified_name(std::uint16_t& prefix, std::uint16_t& name);

  bool attributes(Node& node);
  bool attribute();
  bool attribute_value(Attr& attr);
  bool value_until(char quote, Attr& attr);
  bool tag_end(Node& node, bool& empty);

  bool declare(Attr& attr);
  bool declare_prefix(std::string_view prefix, std::string_view uri);
  bool resolve(Node& node);
  bool resolve_prefix(std::string_view prefix, std::uint16_t& ns);
  bool number_of(std::string_view uri, std::uint16_t known, std::uint16_t& ns);
  bool unique_attributes(const Node& node);
  bool unique_among_many(const Node& node);
  int compare(const Attr& a, const Attr& b) const;
  std::string_view local_name(const Attr& attr) const;

  bool text();
  bool cdata();
  bool end_tag();
  bool reference();

  ParserArrays& arrays_;
  const StreamScope& scope_;
  const Limits& limits_;
  const char* const begin_;
  const char* p_;
  const char* const end_;
  std::uint16_t default_ns_ = 0;
  std::uint32_t declarations_ = 0;
  bool uses_stream_prefix_ = false;
};

}  // namespace meerkat::xml
