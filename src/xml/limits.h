// SPDX-License-Identifier: Apache-2.0
// How much of one piece of a stream we are willing to look at.
#pragma once

#include <cstdint>

namespace meerkat::xml {

// A value; streams use smaller ones before authentication. The splitter enforces bytes and depth while bytes arrive,
// the parser enforces all of them.
struct Limits {
  std::uint32_t bytes = 262144;    // of one piece: the opening tag, or one stanza
  std::uint16_t depth = 64;        // nested elements of a stanza, its root is 1
  std::uint16_t attributes = 256;  // of one element, declarations included
  std::uint16_t namespaces = 64;   // declarations in one stanza
  std::uint32_t nodes = 65536;     // elements of one stanza

  // For the server's own words, which may be a little more than what a peer was allowed.
  static constexpr Limits none() {
    return {.bytes = UINT32_MAX,
            .depth = UINT16_MAX,
            .attributes = UINT16_MAX,
            .namespaces = UINT16_MAX,
            .nodes = UINT32_MAX};
  }
};

}  // namespace meerkat::xml
