// SPDX-License-Identifier: Apache-2.0
// Text as it stands in the bytes of a stanza, decoded only when somebody asks. XML 1.0 §2.11, §3.3.3, §4.6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace meerkat::xml {

// The value of an attribute, or character data. A value that borrows the parsed bytes; only of accepted bytes.
class Text {
 public:
  enum class Kind : std::uint8_t { attribute, characters };

  Text() = default;
  Text(std::string_view raw, Kind kind, bool encoded) : raw_(raw), kind_(kind), encoded_(encoded) {}

  std::string_view raw() const { return raw_; }
  // Whether decoding changes it: references, line ends to normalise, CDATA.
  bool encoded() const { return encoded_; }
  bool empty() const;

  std::string str() const;
  void append_to(std::string& out) const;
  // Decoded; `storage` is used only when it is encoded, and must then outlive the view.
  std::string_view view(std::string& storage) const;

  // Compares what was meant, not how it was written; no allocation.
  friend bool operator==(const Text& text, std::string_view other) {
    return text.encoded_ ? text.equals(other) : text.raw_ == other;
  }

 private:
  bool equals(std::string_view other) const;

  std::string_view raw_;
  Kind kind_ = Kind::attribute;
  bool encoded_ = false;
};

}  // namespace meerkat::xml
