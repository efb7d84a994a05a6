// SPDX-License-Identifier: Apache-2.0
// XEP-0054: what is in a vCard that somebody wants kept, and whether it may be.
#pragma once

#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "config/units.h"
#include "modules/vcard/searched_fields.h"
#include "xml/element.h"
#include "xmpp/stanza_error.h"

namespace meerkat {

// XEP-0153 §3.1: the SHA-1 of the image, in lower-case hexadecimal.
struct AvatarHash {
  std::array<char, 40> digits;

  std::string_view text() const { return {digits.data(), digits.size()}; }
  friend bool operator==(const AvatarHash&, const AvatarHash&) = default;
};

struct Card {
  std::string xml;  // stands alone
  SearchedValues values;
  std::optional<AvatarHash> avatar;

  // `element` is a vCard of vcard-temp. The error says what is wrong with it: too large, a field that is too long, a
  // photo that is not base64.
  static std::expected<Card, StanzaError> read(const xml::Element& element, config::Bytes largest);
};

// The hash of the photo in a vCard; nothing when there is none, or when it cannot be decoded.
std::optional<AvatarHash> avatar_of(const xml::Element& card);

}  // namespace meerkat
