// SPDX-License-Identifier: Apache-2.0
#include "config/shape.h"

#include <algorithm>
#include <array>

namespace meerkat::config {
namespace {

using namespace std::chrono_literals;

std::string own_text(const Shape& shape) {
  switch (shape.kind) {
    case Shape::Kind::boolean:
      return "true or false";
    case Shape::Kind::integer:
      return "whole number";
    case Shape::Kind::floating:
      return "number";
    case Shape::Kind::text:
      return "text";
    case Shape::Kind::word:
      return "one of " + quoted_list(printed_names(shape.words));
    case Shape::Kind::duration:
      return "time: " + std::string{plural_of(shape.unit)} + ", or text such as \"10s\"";
    case Shape::Kind::size:
      return "size: bytes, or text such as \"64KB\"";
    case Shape::Kind::path:
      return "path";
    case Shape::Kind::list:
      return "list of " + (shape.element ? shape.element->text() : "values");
    case Shape::Kind::map:
      return "table; under each name: " + (shape.element ? shape.element->text() : "a value");
    case Shape::Kind::any:
      return "any value";
  }
  return {};
}

}  // namespace

std::string Shape::text() const {
  std::string text = called.empty() ? own_text(*this) : called;
  if (may_be_infinite) text += ", or \"infinity\"";
  return text;
}

std::vector<std::string_view> printed_names(std::span<const EnumName> names) {
  std::vector<std::string_view> printed;
  for (auto name = names.begin(); name != names.end(); ++name)
    if (std::ranges::find(names.begin(), name, name->value, &EnumName::value) == name) printed.push_back(name->name);
  return printed;
}

std::string_view plural_of(std::chrono::nanoseconds unit) {
  static constexpr std::array<std::pair<std::chrono::nanoseconds, std::string_view>, 7> units{{{1ns, "nanoseconds"},
                                                                                               {1us, "microseconds"},
                                                                                               {1ms, "milliseconds"},
                                                                                               {1s, "seconds"},
                                                                                               {1min, "minutes"},
                                                                                               {1h, "hours"},
                                                                                               {24h, "days"}}};
  for (const auto& [length, name] : units)
    if (length == unit) return name;
  return "units";
}

std::string quoted_list(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + in_quotes(word);
  return list;
}

}  // namespace meerkat::config
