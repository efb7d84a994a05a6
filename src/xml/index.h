// SPDX-License-Identifier: Apache-2.0
// The flat index of a parsed piece: arrays of offsets into its bytes, in document order. Written by the parser, read
// through Element; can be copied together with the bytes into one block of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace meerkat::xml {

// One element. Offsets count from the first byte of the piece.
struct Node {
  std::uint32_t begin;        // of <
  std::uint32_t end;          // after its last >
  std::uint32_t content;      // after the start tag
  std::uint32_t content_end;  // of the end tag; equals `content` in <a/>
  std::uint32_t next;         // the node after this one's descendants
  std::uint32_t first_attr;
  std::uint16_t attrs;   // declarations included
  std::uint16_t prefix;  // length; 0: none
  std::uint16_t name;    // length of the local name
  std::uint16_t ns;      // see Index::uri_of
};
static_assert(sizeof(Node) <= 36, "nine of them in a chat message");

struct Attr {
  std::uint32_t begin;  // of the qualified name
  std::uint32_t value;
  std::uint32_t value_size;
  std::uint16_t prefix;
  std::uint16_t name;
  std::uint16_t ns;
  std::uint8_t encoded;
  std::uint8_t declaration;  // xmlns or xmlns:prefix
};
static_assert(sizeof(Attr) <= 20, "some twenty of them in a chat message");

// A namespace that is not among the well-known ones; numbered within the piece.
struct ForeignNamespace {
  std::string_view uri;
};

// A view: borrows the bytes and arrays (of the Parser until its next parse, or of the block it was copied to).
struct Index {
  static constexpr std::uint16_t foreign_bit = 0x8000;

  const char* bytes = nullptr;
  std::uint32_t size = 0;
  bool uses_stream_prefix = false;  // some name resolved to a prefix declared only on the stream header
  std::span<const Node> nodes;
  std::span<const Attr> attrs;
  std::span<const ForeignNamespace> foreign;

  std::string_view slice(std::uint32_t from, std::uint32_t to) const { return {bytes + from, to - from}; }
  std::string_view uri_of(std::uint16_t number) const;

  // Room for a copy, in bytes.
  std::size_t bytes_needed() const;
  // Lays bytes and arrays out in one block, and returns the index over it. `memory` is aligned for a pointer.
  Index copy_to(void* memory) const;
};

}  // namespace meerkat::xml
