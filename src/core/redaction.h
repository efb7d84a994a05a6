// SPDX-License-Identifier: Apache-2.0
// A stanza as somebody may see it for whom it is not: what it is and where it goes, and of what it says the length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xml/parser.h"

namespace meerkat {

enum class Redaction : std::uint8_t {
  usual,    // all texts but those that say nothing about anybody
  content,  // texts are shown; passwords and whatever else proves who somebody is are not
};

// Longer ones are cut.
inline constexpr std::size_t longest_redacted = 4000;

// One line of an element of a stream: names, namespaces, addresses, ids and types as they are, everything else as
// "[12 bytes]". Whatever it is, nothing in the outcome steers a terminal.
std::string redacted(std::string_view element, Redaction how, xml::Parser& parser);

}  // namespace meerkat
