// SPDX-License-Identifier: Apache-2.0
// An element that was kept as text, in a database for example: trusted no more than a peer's.
//
//   const xml::Document kept{std::move(text)};
//   if (!kept) …
//   kept.root().child("PHOTO", ns::vcard)
#pragma once

#include <expected>
#include <string>

#include "xml/element.h"
#include "xml/parser.h"

namespace meerkat::xml {

// Stays where it was made; its elements live no longer.
class Document {
 public:
  explicit Document(std::string text)
      : text_(std::move(text)), index_(parser_.parse(text_, StreamScope::none(), Limits::none())) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // False when the text is no well-formed element, or something stands beside it.
  explicit operator bool() const { return index_.has_value(); }
  Element root() const { return Element{*index_}; }
  const std::string& text() const { return text_; }

 private:
  const std::string text_;
  Parser parser_;
  const std::expected<Index, Problem> index_;
};

}  // namespace meerkat::xml
