// SPDX-License-Identifier: Apache-2.0
#include "config/codec.h"

#include <fmt/format.h>

namespace meerkat::config {

std::string print_floating(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::optional<Codec<std::variant<std::int64_t, std::string>>::Either>
Codec<std::variant<std::int64_t, std::string>>::read(const Node& node, const Reading& reading) {
  if (node.integer() != nullptr) {
    const auto number = reading.integer(node, INT64_MIN, INT64_MAX);
    return number ? std::optional<Either>{*number} : std::nullopt;
  }
  if (node.string() == nullptr) return reading.expected(node, "a whole number or a string");
  auto text = reading.text(node);
  return text ? std::optional<Either>{std::move(*text)} : std::nullopt;
}

std::string Codec<std::variant<std::int64_t, std::string>>::print(const Either& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::to_string(*number) : in_quotes(std::get<std::string>(value));
}

}  // namespace meerkat::config
