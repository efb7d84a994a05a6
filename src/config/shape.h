// SPDX-License-Identifier: Apache-2.0
// What kind of value an option takes, told without templates: for messages, for the reference, for a JSON schema.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"

namespace meerkat::config {

// One word an enum is read from. The first name of a value is the one that is printed and suggested; further names
// of the same value are read as well:
//
//   template <>
//   struct config::EnumNames<Backend> {
//     static constexpr config::EnumName names[] = {
//         {Backend::embedded, "embedded"}, {Backend::rdbms, "rdbms"}, {Backend::embedded, "mnesia"}};
//   };
struct EnumName {
  template <class Enum>
  constexpr EnumName(Enum which, std::string_view spelled) : value(static_cast<std::int64_t>(which)), name(spelled) {}

  std::int64_t value;
  std::string_view name;
};

template <class Enum>
struct EnumNames;

struct Shape {
  enum class Kind { boolean, integer, floating, text, word, duration, size, path, list, map, any };

  Kind kind = Kind::any;
  std::int64_t lowest = std::numeric_limits<std::int64_t>::min();  // integers
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  std::chrono::nanoseconds unit{0};      // durations: what a plain whole number counts
  std::span<const EnumName> words;       // enums
  std::shared_ptr<const Shape> element;  // lists and maps
  bool may_be_infinite = false;
  bool may_be_absent = false;
  std::string called;  // for types of other floors, such as "an address"

  // For the reference, such as "whole number of seconds, or text such as \"10s\"".
  std::string text() const;
};

// The first name of a value.
template <class Enum>
constexpr std::string_view printed_name(Enum value) {
  for (const EnumName& name : EnumNames<Enum>::names)
    if (name.value == static_cast<std::int64_t>(value)) return name.name;
  return {};
}
// The names to print: the first one of each value.
std::vector<std::string_view> printed_names(std::span<const EnumName> names);

// "seconds" for std::chrono::seconds{1}, and so on.
std::string_view plural_of(std::chrono::nanoseconds unit);

// Joined by commas, each between quotation marks.
std::string quoted_list(std::span<const std::string_view> words);

}  // namespace meerkat::config
