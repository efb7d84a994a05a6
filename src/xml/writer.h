// SPDX-License-Identifier: Apache-2.0
// The only place that escapes. Whatever goes in, what comes out is well-formed.
#pragma once

#include <string>
#include <string_view>

#include "xml/element.h"

namespace meerkat::xml {

// Appends character data. Characters that XML 1.0 does not allow, and bytes that are not UTF-8, become U+FFFD.
void escape_text(std::string& out, std::string_view text);

// Appends the value of an attribute, fit for either quote; otherwise as above.
void escape_attribute(std::string& out, std::string_view text);

// Appends ` name='value'`, the value escaped.
void write_attribute(std::string& out, std::string_view name, std::string_view value);

// Appends an element so that it stands alone where `outer_namespace` is the default namespace: no prefix of the stream
// or of a parent is needed. Elements lose their prefixes; attributes in a namespace keep theirs, declared on the spot.
// The slow path: stanzas with Index::uses_stream_prefix, or an inner element taken out of its stanza.
void reserialize(std::string& out, const Element& element, std::string_view outer_namespace);

// Appends what stands inside an element, byte by byte as it is, without the children for which `is_out` is true.
template <class Test>
void append_inner_without(std::string& out, const Element& parent, const Test& is_out) {
  const std::string_view all = parent.inner_raw();
  const std::size_t begin = parent.offset() + parent.size_of_start_tag();
  std::size_t done = 0;
  for (const Element child : parent.children()) {
    if (!is_out(child)) continue;
    const std::size_t from = child.offset() - begin;
    out += all.substr(done, from - done);
    done = from + child.raw().size();
  }
  out += all.substr(done);
}

}  // namespace meerkat::xml
