// SPDX-License-Identifier: Apache-2.0
// How the types of options are read from the file and printed for the reference. A new type specialises Codec:
//
//   template <>
//   struct config::Codec<Jid> {
//     static Shape shape() { return {.kind = Shape::Kind::text, .called = "an address"}; }
//     static std::optional<Jid> read(const Node& node, const Reading& reading);  // reports, or returns a value
//     static std::string print(const Jid& jid);                                  // as TOML writes it
//   };
//
// Here: what may be absent, what may be infinite, lists, tables with free keys, raw nodes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/codec_single.h"
#include "config/reading.h"
#include "config/shape.h"
#include "config/units.h"

namespace meerkat::config {

// Nothing unless the option is given.
template <class T>
struct Codec<std::optional<T>> {
  static Shape shape() {
    Shape shape = Codec<T>::shape();
    shape.may_be_absent = true;
    return shape;
  }
  static std::optional<std::optional<T>> read(const Node& node, const Reading& reading) {
    auto value = Codec<T>::read(node, reading);
    if (!value) return std::nullopt;
    return std::optional<std::optional<T>>{std::in_place, std::move(*value)};
  }
  static std::string print(const std::optional<T>& value) { return value ? Codec<T>::print(*value) : std::string{}; }
};

template <class T>
struct Codec<Limit<T>> {
  static Shape shape() {
    Shape shape = Codec<T>::shape();
    shape.may_be_infinite = true;
    return shape;
  }
  static std::optional<Limit<T>> read(const Node& node, const Reading& reading) {
    if (Reading::is_infinity(node)) return Limit<T>{infinity};
    const auto value = Codec<T>::read(node, reading);
    return value ? std::optional{Limit<T>{*value}} : std::nullopt;
  }
  static std::string print(const Limit<T>& value) {
    return value.is_infinite() ? "\"infinity\"" : Codec<T>::print(*value.most());
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static Shape shape() {
    return {.kind = Shape::Kind::list, .element = std::make_shared<const Shape>(Codec<T>::shape())};
  }
  static std::optional<std::vector<T>> read(const Node& node, const Reading& reading) {
    const Node::Array* elements = reading.list(node);
    if (elements == nullptr) return std::nullopt;
    std::vector<T> values;
    for (std::size_t i = 0; i < elements->size(); ++i)
      if (auto value = Codec<T>::read((*elements)[i], reading.element(i))) values.push_back(std::move(*value));
    return values.size() == elements->size() ? std::optional{std::move(values)} : std::nullopt;
  }
  static std::string print(const std::vector<T>& values) {
    std::string list;
    for (const T& value : values) list += (list.empty() ? "" : ", ") + Codec<T>::print(value);
    return "[" + list + "]";
  }
};

// A table whose keys are free.
template <class T>
struct Codec<std::map<std::string, T>> {
  static Shape shape() {
    return {.kind = Shape::Kind::map, .element = std::make_shared<const Shape>(Codec<T>::shape())};
  }
  static std::optional<std::map<std::string, T>> read(const Node& node, const Reading& reading) {
    const Node::Table* entries = reading.table(node);
    if (entries == nullptr) return std::nullopt;
    std::map<std::string, T> values;
    for (const NodeEntry& entry : *entries)
      if (auto value = Codec<T>::read(entry.node, reading.under(entry.key)))
        values.emplace(entry.key, std::move(*value));
    return values.size() == entries->size() ? std::optional{std::move(values)} : std::nullopt;
  }
  static std::string print(const std::map<std::string, T>& values) {
    std::string list;
    for (const auto& [key, value] : values)
      list += (list.empty() ? " " : ", ") + join_path("", key) + " = " + Codec<T>::print(value);
    return list.empty() ? "{}" : "{" + list + " }";
  }
};

// A whole number or a word, as the values of access rules are.
template <>
struct Codec<std::variant<std::int64_t, std::string>> {
  using Either = std::variant<std::int64_t, std::string>;
  static Shape shape() { return {.kind = Shape::Kind::any, .called = "whole number or text"}; }
  static std::optional<Either> read(const Node& node, const Reading& reading);
  static std::string print(const Either& value);
};

// Whatever is there, to be read by somebody else.
template <>
struct Codec<Node> {
  static Shape shape() { return {.kind = Shape::Kind::any}; }
  static std::optional<Node> read(const Node& node, const Reading&) { return node; }
  static std::string print(const Node&) { return {}; }
};

}  // namespace meerkat::config
