// SPDX-License-Identifier: Apache-2.0
// One pass over a complete piece of a stream into a flat index: checks all that XML 1.0 and Namespaces
// in XML 1.0 ask for in the subset RFC 6120 §11 leaves.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xml/index.h"
#include "xml/limits.h"
#include "xml/problem.h"
#include "xml/stream_scope.h"

namespace meerkat::xml {

// The arrays a parse writes; kept from parse to parse so that nothing is allocated once they have grown.
struct ParserArrays {
  struct Binding {  // a prefix in scope
    const char* prefix;
    std::uint32_t size;
    std::uint16_t ns;
  };
  struct Open {  // an element whose end tag has not come
    std::uint32_t node;
    std::uint32_t bindings;  // in scope outside of it
    std::uint16_t outer_default;
  };
  std::vector<Node> nodes;
  std::vector<Attr> attrs;
  std::vector<ForeignNamespace> foreign;
  std::vector<Binding> bindings;
  std::vector<Open> open;
  std::vector<std::uint32_t> sorted;  // for elements with very many attributes
};

// One per worker. What a parse returns borrows the piece, the scope and the parser's arrays: it is valid until the
// next parse with the same parser.
class Parser {
 public:
  // One complete element, as cut by the Splitter: no byte before it or after it. Errors: any Problem but
  // text_between_stanzas and unsupported_encoding.
  std::expected<Index, Problem> parse(std::string_view piece, const StreamScope& scope, const Limits& limits);

  // The opening tag of a stream: one node without children, its content empty.
  std::expected<Index, Problem> parse_open(std::string_view piece, const Limits& limits);

  // What an opening tag declares for its stream.
  static std::expected<StreamScope, Problem> scope_of(const Index& open);

  // <?xml version='1.0' encoding='UTF-8'?>; anything but UTF-8 is unsupported_encoding.
  static Problem check_declaration(std::string_view piece);

  // The end tag of a stream, which must have the qualified name of its opening tag.
  static Problem check_close(std::string_view piece, std::string_view qualified_name);

 private:
  ParserArrays arrays_;
};

}  // namespace meerkat::xml
