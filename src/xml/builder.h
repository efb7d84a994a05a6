// SPDX-License-Identifier: Apache-2.0
// Writes elements fluently: Builder("query", ns::last).attr("seconds", 7).text("away").
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "xml/namespaces.h"

namespace meerkat::xml {

// A value: one element under construction, as text. Attributes come before content; the end tag is written on reading.
// Names are the program's own, never a peer's.
class Builder {
 public:
  explicit Builder(std::string_view name);
  // With xmlns='...', always written.
  Builder(std::string_view name, const Namespace& ns);
  Builder(std::string_view name, std::string_view namespace_uri);

  template <class Self>
  Self&& attr(this Self&& self, std::string_view name, std::string_view value) {
    self.add_attribute(name, value);
    return std::forward<Self>(self);
  }

  template <class Self, std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  Self&& attr(this Self&& self, std::string_view name, Number value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    self.add_attribute(name, {digits, end});
    return std::forward<Self>(self);
  }

  template <class Self>
  Self&& text(this Self&& self, std::string_view text) {
    self.add_text(text);
    return std::forward<Self>(self);
  }

  template <class Self>
  Self&& child(this Self&& self, const Builder& child) {
    self.add_child(child);
    return std::forward<Self>(self);
  }

  // Content that is XML already: ranges the parser has accepted, or another builder's text.
  template <class Self>
  Self&& raw(this Self&& self, std::string_view xml) {
    self.add_raw(xml);
    return std::forward<Self>(self);
  }

  std::string str() const&;
  std::string str() &&;
  void append_to(std::string& out) const;

 private:
  void add_attribute(std::string_view name, std::string_view value);
  void add_text(std::string_view text);
  void add_child(const Builder& child);
  void add_raw(std::string_view xml);
  void begin_content();
  void close(std::string& out) const;
  std::string_view name() const { return std::string_view{out_}.substr(1, name_size_); }

  std::string out_;
  std::size_t name_size_;
  bool has_content_ = false;
};

}  // namespace meerkat::xml
