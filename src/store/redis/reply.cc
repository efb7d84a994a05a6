// SPDX-License-Identifier: Apache-2.0
#include "store/redis/reply.h"

#include <array>

namespace meerkat::redis {

std::string_view Refused::code() const {
  const std::string_view words = what();
  return words.substr(0, words.find(' '));
}

const std::string* Reply::error() const {
  const auto* const error = std::get_if<Error>(&content_);
  return error == nullptr ? nullptr : &error->words;
}

void Reply::is_no(std::string_view expected) const {
  static constexpr std::array<std::string_view, 5> kinds{"nil", "a number", "a text", "an array", "an error"};
  if (const std::string* const words = error()) throw Refused{*words};
  throw UnexpectedReply{"Redis answered " + std::string{kinds[content_.index()]} + " instead of " +
                        std::string{expected}};
}

std::int64_t Reply::number() const {
  const auto* const number = std::get_if<std::int64_t>(&content_);
  if (number == nullptr) is_no("a number");
  return *number;
}

const std::string& Reply::text() const {
  const auto* const text = std::get_if<std::string>(&content_);
  if (text == nullptr) is_no("a text");
  return *text;
}

std::string& Reply::text() {
  auto* const text = std::get_if<std::string>(&content_);
  if (text == nullptr) is_no("a text");
  return *text;
}

std::optional<std::string> Reply::perhaps_text() const {
  if (is_nil()) return std::nullopt;
  return text();
}

const Reply::Array& Reply::array() const {
  const auto* const array = std::get_if<Array>(&content_);
  if (array == nullptr) is_no("an array");
  return *array;
}

Reply::Array& Reply::array() {
  auto* const array = std::get_if<Array>(&content_);
  if (array == nullptr) is_no("an array");
  return *array;
}

std::vector<std::string> Reply::texts() const {
  std::vector<std::string> all;
  for (const Reply& one : array()) all.push_back(one.text());
  return all;
}

}  // namespace meerkat::redis
