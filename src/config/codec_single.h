// SPDX-License-Identifier: Apache-2.0
// Codecs of single values: truth values, numbers, texts, paths, sizes, times, enums.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "config/reading.h"
#include "config/shape.h"
#include "config/units.h"

namespace meerkat::config {

template <class T>
struct Codec;

std::string print_floating(double number);

template <>
struct Codec<bool> {
  static Shape shape() { return {.kind = Shape::Kind::boolean}; }
  static std::optional<bool> read(const Node& node, const Reading& reading) { return reading.boolean(node); }
  static std::string print(bool value) { return value ? "true" : "false"; }
};

template <std::integral T>
struct Codec<T> {
  static constexpr std::int64_t highest = std::cmp_greater(std::numeric_limits<T>::max(), INT64_MAX)
                                              ? INT64_MAX
                                              : static_cast<std::int64_t>(std::numeric_limits<T>::max());
  static constexpr std::int64_t lowest = static_cast<std::int64_t>(std::numeric_limits<T>::min());

  static Shape shape() { return {.kind = Shape::Kind::integer, .lowest = lowest, .highest = highest}; }
  static std::optional<T> read(const Node& node, const Reading& reading) {
    const auto number = reading.integer(node, lowest, highest);
    return number ? std::optional{static_cast<T>(*number)} : std::nullopt;
  }
  static std::string print(T value) { return std::to_string(value); }
};

template <std::floating_point T>
struct Codec<T> {
  static Shape shape() { return {.kind = Shape::Kind::floating}; }
  static std::optional<T> read(const Node& node, const Reading& reading) { return reading.floating(node); }
  static std::string print(T value) { return print_floating(value); }
};

template <>
struct Codec<std::string> {
  static Shape shape() { return {.kind = Shape::Kind::text}; }
  static std::optional<std::string> read(const Node& node, const Reading& reading) { return reading.text(node); }
  static std::string print(const std::string& value) { return in_quotes(value); }
};

template <>
struct Codec<std::filesystem::path> {
  static Shape shape() { return {.kind = Shape::Kind::path}; }
  static std::optional<std::filesystem::path> read(const Node& node, const Reading& reading) {
    return reading.text(node);
  }
  static std::string print(const std::filesystem::path& value) { return in_quotes(value.string()); }
};

template <>
struct Codec<Bytes> {
  static Shape shape() { return {.kind = Shape::Kind::size}; }
  static std::optional<Bytes> read(const Node& node, const Reading& reading) {
    const auto count = reading.size(node);
    return count ? std::optional{Bytes{*count}} : std::nullopt;
  }
  static std::string print(Bytes value) { return std::to_string(value.count); }
};

// A plain whole number counts the duration's own unit: milliseconds for std::chrono::milliseconds.
template <class Count, class Period>
struct Codec<std::chrono::duration<Count, Period>> {
  using Duration = std::chrono::duration<Count, Period>;
  static constexpr std::chrono::nanoseconds tick{Duration{1}};

  static Shape shape() { return {.kind = Shape::Kind::duration, .unit = tick}; }
  static std::optional<Duration> read(const Node& node, const Reading& reading) {
    const auto count = reading.duration(node, tick);
    return count ? std::optional{Duration{static_cast<Count>(*count)}} : std::nullopt;
  }
  static std::string print(Duration value) { return std::to_string(value.count()); }
};

template <class T>
  requires std::is_enum_v<T>
struct Codec<T> {
  static Shape shape() { return {.kind = Shape::Kind::word, .words = EnumNames<T>::names}; }
  static std::optional<T> read(const Node& node, const Reading& reading) {
    const auto value = reading.word(node, EnumNames<T>::names);
    return value ? std::optional{static_cast<T>(*value)} : std::nullopt;
  }
  static std::string print(T value) {
    for (const EnumName& name : EnumNames<T>::names)
      if (name.value == static_cast<std::int64_t>(value)) return in_quotes(name.name);
    return {};
  }
};

}  // namespace meerkat::config
