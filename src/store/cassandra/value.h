// SPDX-License-Identifier: Apache-2.0
// What goes into a statement and comes out of a row. A few kinds stand for CQL's many types: the server says which
// type a place has, and the value is put into its form, or refused when it does not fit.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace meerkat::cassandra {

// blob; and, as they come, the bytes of the types that nobody here needs to understand: inet, date, time, decimal,
// duration, tuples and user types.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

// uuid and timeuuid.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<Uuid> parse(std::string_view text);
  std::string text() const;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// A varint that is too large for std::int64_t; big-endian, two's complement.
struct Varint {
  std::string bytes;
  friend bool operator==(const Varint&, const Varint&) = default;
};

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

class Value;
using List = std::vector<Value>;  // list and set
using Map = std::vector<std::pair<Value, Value>>;

class Value {
 public:
  using Held =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, Blob, Timestamp, Uuid, Varint, List, Map>;

  Value() = default;  // null
  Value(bool yes) : held_(yes) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Value(Number number) : held_(static_cast<std::int64_t>(number)) {
    if (!std::in_range<std::int64_t>(number)) throw std::out_of_range{"a number of more than 63 bits"};
  }
  Value(double number) : held_(number) {}
  Value(std::string text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string{text}) {}
  Value(const char* text) : held_(std::string{text}) {}
  Value(Blob blob) : held_(std::move(blob)) {}
  Value(Timestamp time) : held_(time) {}
  Value(Uuid uuid) : held_(uuid) {}
  Value(Varint number) : held_(std::move(number)) {}
  Value(List list) : held_(std::move(list)) {}
  Value(Map map) : held_(std::move(map)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(held_); }
  const Held& held() const { return held_; }
  // Throw std::bad_variant_access when it is something else, null included.
  std::int64_t integer() const { return std::get<std::int64_t>(held_); }
  const std::string& text() const { return std::get<std::string>(held_); }
  const std::string& bytes() const { return std::get<Blob>(held_).bytes; }
  template <class T>
  const T& as() const {
    return std::get<T>(held_);
  }
  // What it takes in a request, about.
  std::size_t size() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Held held_;
};

}  // namespace meerkat::cassandra
