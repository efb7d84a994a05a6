// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/card.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "xml/writer.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat {
namespace {

// Of a value that can be searched for, in bytes.
constexpr std::size_t longest_value = 1000;

// The first one that says something: a vCard may have several addresses.
std::string value_of(const xml::Element& card, const SearchedField& field) {
  for (const xml::Element outer : card.children()) {
    if (!outer.is(field.element, ns::vcard)) continue;
    const auto inner = field.inner.empty() ? std::optional{outer} : outer.child(field.inner, ns::vcard);
    if (!inner) continue;
    if (std::string text = inner->text(); !text.empty()) return text;
  }
  return {};
}

// The base64 of the photo (XEP-0153 §4.5): nothing without one. White space in it means nothing (§4.6).
std::optional<std::string> photo_of(const xml::Element& card) {
  const auto photo = card.child("PHOTO", ns::vcard);
  const auto binary = photo ? photo->child("BINVAL", ns::vcard) : std::nullopt;
  if (!binary) return std::nullopt;
  std::string text = binary->text();
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  if (text.empty()) return std::nullopt;
  return text;
}

AvatarHash hash_of(std::string_view image) {
  const std::string digits = hex(digest_of(ScramHash::sha1, image).view());
  AvatarHash hash{};
  std::ranges::copy(digits, hash.digits.begin());
  return hash;
}

}  // namespace

std::expected<Card, StanzaError> Card::read(const xml::Element& element, config::Bytes largest) {
  Card card;
  xml::reserialize(card.xml, element, "");
  if (card.xml.size() > largest.count)
    return std::unexpected(StanzaError::policy_violation(
        fmt::format("a vCard may have {} bytes, this one has {}", largest.count, card.xml.size())));
  for (std::size_t i = 0; i < searched_fields.size(); ++i) {
    card.values[i] = value_of(element, searched_fields[i]);
    if (card.values[i].size() <= longest_value) continue;
    const SearchedField& field = searched_fields[i];
    return std::unexpected(StanzaError::bad_request(
        fmt::format("Invalid input for vcard field {}", field.inner.empty() ? field.element : field.inner)));
  }
  if (const auto encoded = photo_of(element)) {
    const auto image = from_base64(*encoded);
    if (!image) return std::unexpected(StanzaError::bad_request("Invalid input for vcard field BINVAL"));
    card.avatar = hash_of(*image);
  }
  return card;
}

std::optional<AvatarHash> avatar_of(const xml::Element& card) {
  const auto encoded = photo_of(card);
  const auto image = encoded ? from_base64(*encoded) : std::nullopt;
  return image ? std::optional{hash_of(*image)} : std::nullopt;
}

}  // namespace meerkat
