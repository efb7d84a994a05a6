// SPDX-License-Identifier: Apache-2.0
// Turns raw text into what it means, run by run: references, line ends, CDATA sections. XML 1.0 §2.11, §3.3.3, §4.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "xml/text.h"

namespace meerkat::xml {

// A reference as it stands in the bytes.
struct Reference {
  char32_t character = 0;
  std::size_t size = 0;  // from & to ; inclusive
};

// The reference `text` begins with: the five predefined entities, decimal and hexadecimal characters. Nothing if it is
// none of these, or names a character XML 1.0 does not allow.
std::optional<Reference> read_reference(std::string_view text);

// Appends `character` to `to` (4 bytes of room) as UTF-8; returns the length.
std::size_t encode(char32_t character, char* to);

// Reads text the parser has accepted. On anything else the outcome is some text, never a read outside of it.
class Decoder {
 public:
  Decoder(std::string_view raw, Text::Kind kind) : rest_(raw), kind_(kind) {}

  // The next run of decoded bytes, valid until the next call; empty at the end.
  std::string_view next();

 private:
  std::string_view plain_run();
  std::string_view reference();
  std::string_view line_end();
  bool special(char c) const;

  std::string_view rest_;
  Text::Kind kind_;
  bool cdata_ = false;
  char small_[4] = {};
};

}  // namespace meerkat::xml
