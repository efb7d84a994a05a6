// SPDX-License-Identifier: Apache-2.0
// One cell of a row or one argument of a statement, owned: null, number, text or bytes.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "store/sql/errors.h"

namespace meerkat::sql {

// Bytes that are not text.
struct Blob {
  std::string bytes;
  auto operator<=>(const Blob&) const = default;
};

class Value {
 public:
  using Content = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

  // Meant to convert: arguments of statements become Values where they are passed.
  Value() = default;
  Value(std::nullopt_t) {}  // NOLINT
  template <std::integral Number>
  Value(Number number) : content_(static_cast<std::int64_t>(number)) {  // NOLINT
    if (!std::in_range<std::int64_t>(integer_of(number))) throw BadStatement("a number of more than 63 bits");
  }
  Value(double number) : content_(number) {}                                         // NOLINT
  Value(std::string text) : content_(std::move(text)) {}                             // NOLINT
  Value(std::string_view text) : content_(std::in_place_type<std::string>, text) {}  // NOLINT
  Value(const char* text) : Value(std::string_view{text}) {}                         // NOLINT
  Value(Blob blob) : content_(std::move(blob)) {}                                    // NOLINT
  template <class T>
  Value(std::optional<T> perhaps) {  // NOLINT
    if (perhaps) *this = Value(std::move(*perhaps));
  }

  const Content& content() const { return content_; }
  Content& content() { return content_; }
  bool is_null() const { return content_.index() == 0; }
  // About how many bytes of memory this takes.
  std::size_t footprint() const;

  bool operator==(const Value&) const = default;

 private:
  template <class Number>
  static auto integer_of(Number number) {
    // std::in_range takes neither bool nor characters.
    using Wide = std::conditional_t<std::is_signed_v<Number>, std::int64_t, std::uint64_t>;
    return static_cast<Wide>(number);
  }

  Content content_;
};

using Values = std::vector<Value>;

inline std::size_t Value::footprint() const {
  std::size_t bytes = sizeof(Value);
  if (const auto* text = std::get_if<std::string>(&content_)) bytes += text->size();
  if (const auto* blob = std::get_if<Blob>(&content_)) bytes += blob->bytes.size();
  return bytes;
}

namespace value_detail {

template <class T>
struct Unpack;

template <std::integral T>
struct Unpack<T> {
  static T from(Value& cell) {
    const auto* number = std::get_if<std::int64_t>(&cell.content());
    if (number == nullptr) throw BadStatement("a number was expected");
    if constexpr (std::same_as<T, bool>) {
      return *number != 0;
    } else {
      if (!std::in_range<T>(*number)) throw BadStatement("the number does not fit");
      return static_cast<T>(*number);
    }
  }
};

template <>
struct Unpack<double> {
  static double from(Value& cell) {
    if (const auto* number = std::get_if<std::int64_t>(&cell.content())) return static_cast<double>(*number);
    if (const auto* number = std::get_if<double>(&cell.content())) return *number;
    throw BadStatement("a number was expected");
  }
};

template <>
struct Unpack<std::string> {
  static std::string from(Value& cell) {
    if (auto* text = std::get_if<std::string>(&cell.content())) return std::move(*text);
    throw BadStatement("text was expected");
  }
};

template <>
struct Unpack<Blob> {
  static Blob from(Value& cell) {
    if (auto* blob = std::get_if<Blob>(&cell.content())) return std::move(*blob);
    throw BadStatement("bytes were expected");
  }
};

template <>
struct Unpack<Value> {
  static Value from(Value& cell) { return std::move(cell); }
};

template <class T>
struct Unpack<std::optional<T>> {
  static std::optional<T> from(Value& cell) {
    if (cell.is_null()) return std::nullopt;
    return Unpack<T>::from(cell);
  }
};

}  // namespace value_detail

// Moves the cell out as a T; throws BadStatement when it is something else.
template <class T>
T take(Value& cell) {
  return value_detail::Unpack<T>::from(cell);
}

}  // namespace meerkat::sql
