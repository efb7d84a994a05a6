// SPDX-License-Identifier: Apache-2.0
#include "config/reading.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "config/duration.h"

namespace meerkat::config {
namespace {

bool is_bare(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// What to do about a number or a truth value between quotation marks.
std::string unquote_advice(const Node& node, std::string_view what) {
  const std::string* text = node.string();
  if (text == nullptr || text->empty() || text->size() > 20) return {};
  const bool number =
      what.contains("number") && std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '9'; });
  const bool truth = what == name_of(Node::Kind::boolean) && (*text == "true" || *text == "false");
  return number || truth ? fmt::format(" — write {} without quotation marks", *text) : std::string{};
}

std::string_view of_length(std::chrono::nanoseconds tick) { return plural_of(tick); }

}  // namespace

std::string join_path(std::string_view path, std::string_view key) {
  const std::string name = is_bare(key) ? std::string{key} : in_quotes(key);
  return path.empty() ? name : fmt::format("{}.{}", path, name);
}

Reading Reading::under(std::string_view key) const { return {problems_, join_path(path_, key), rules_}; }

Reading Reading::element(std::size_t index) const { return {problems_, fmt::format("{}[{}]", path_, index), rules_}; }

std::nullopt_t Reading::refuse(const Node& node, std::string message) const {
  problems_.add(node.place(), path_, std::move(message));
  return std::nullopt;
}

std::nullopt_t Reading::expected(const Node& node, std::string_view what) const {
  return refuse(node, fmt::format("expected {}, found {}{}", what, name_of(node.kind()),
                                  rules_.secret ? std::string{} : unquote_advice(node, what)));
}

std::string Reading::shown(const Node& node) const { return rules_.secret ? "the value" : brief(node); }

bool Reading::is_infinity(const Node& node) { return node.string() != nullptr && *node.string() == "infinity"; }

bool Reading::in_range(const Node& node, double number) const {
  if (rules_.least && number < *rules_.least) {
    refuse(node, fmt::format("must be at least {:.15g}, found {}", *rules_.least, shown(node)));
    return false;
  }
  if (rules_.most && number > *rules_.most) {
    refuse(node, fmt::format("must be at most {:.15g}, found {}", *rules_.most, shown(node)));
    return false;
  }
  return true;
}

bool Reading::is_one_of(const Node& node, const std::string& toml) const {
  if (rules_.one_of.empty() || std::ranges::count(rules_.one_of, toml) > 0) return true;
  std::vector<std::string_view> words;
  words.reserve(rules_.one_of.size());
  for (const std::string_view word : rules_.one_of)
    words.push_back(word.starts_with('"') ? word.substr(1, word.size() - 2) : word);
  const bool guess = node.string() != nullptr && !rules_.secret;
  refuse(node, fmt::format("{} is not one of {}{}", shown(node), fmt::join(rules_.one_of, ", "),
                           guess ? did_you_mean(*node.string(), words) : ""));
  return false;
}

bool Reading::file_exists(const Node& node, const std::string& path) const {
  std::error_code error;
  const bool is_directory = std::filesystem::is_directory(path, error);
  std::string wrong;
  if (!std::filesystem::exists(path, error))
    wrong = fmt::format("there is no {} {}", rules_.existing_file ? "file" : "directory", shown(node));
  else if (rules_.existing_file && is_directory)
    wrong = fmt::format("{} is a directory, not a file", shown(node));
  else if (rules_.existing_directory && !is_directory)
    wrong = fmt::format("{} is a file, not a directory", shown(node));
  else if (rules_.existing_file && !std::ifstream{path}.is_open())
    wrong = fmt::format("{} may not be read — check its owner and its mode", shown(node));
  if (wrong.empty()) return true;
  if (wrong.starts_with("there") && !path.starts_with('/'))
    wrong += " — a relative path starts where the server is started";
  refuse(node, std::move(wrong));
  return false;
}

std::optional<bool> Reading::boolean(const Node& node) const {
  if (node.boolean() == nullptr) return expected(node, "true or false");
  return *node.boolean();
}

std::optional<std::int64_t> Reading::integer(const Node& node, std::int64_t lowest, std::int64_t highest) const {
  if (node.integer() == nullptr) return expected(node, "a whole number");
  const std::int64_t number = *node.integer();
  if (!in_range(node, static_cast<double>(number)) || !is_one_of(node, std::to_string(number))) return std::nullopt;
  if (number < lowest) return refuse(node, fmt::format("must be at least {}, found {}", lowest, shown(node)));
  if (number > highest) return refuse(node, fmt::format("must be at most {}, found {}", highest, shown(node)));
  return number;
}

std::optional<double> Reading::floating(const Node& node) const {
  if (node.floating() == nullptr && node.integer() == nullptr) return expected(node, "a number");
  const double number = node.integer() != nullptr ? static_cast<double>(*node.integer()) : *node.floating();
  if (!(number - number == 0)) return refuse(node, fmt::format("expected a number, found {}", shown(node)));
  return in_range(node, number) ? std::optional{number} : std::nullopt;
}

std::optional<std::string> Reading::text(const Node& node) const {
  if (node.string() == nullptr) return expected(node, "a string");
  const std::string& text = *node.string();
  if (rules_.non_empty && text.empty()) return refuse(node, "must not be empty");
  if (!is_one_of(node, in_quotes(text))) return std::nullopt;
  if (rules_.accepts && !rules_.accepts(text))
    return refuse(node, fmt::format("{} is not {}", shown(node), rules_.must_be));
  if ((rules_.existing_file || rules_.existing_directory) && !file_exists(node, text)) return std::nullopt;
  return text;
}

std::optional<std::int64_t> Reading::word(const Node& node, std::span<const EnumName> names) const {
  const std::string list = quoted_list(printed_names(names));
  if (node.string() == nullptr) return expected(node, "one of " + list);
  for (const EnumName& name : names)
    if (name.name == *node.string()) return name.value;
  std::vector<std::string_view> words;
  for (const EnumName& name : names) words.push_back(name.name);
  return refuse(node, fmt::format("{} is not one of {}{}", shown(node), list, did_you_mean(*node.string(), words)));
}

std::optional<std::int64_t> Reading::duration(const Node& node, std::chrono::nanoseconds tick) const {
  std::optional<std::chrono::nanoseconds> time;
  if (node.integer() != nullptr) {
    std::int64_t count = 0;
    if (*node.integer() < 0) return refuse(node, fmt::format("a time cannot be negative, found {}", shown(node)));
    if (__builtin_mul_overflow(*node.integer(), tick.count(), &count))
      return refuse(node, fmt::format("{} {} are longer than 292 years", shown(node), of_length(tick)));
    time = std::chrono::nanoseconds{count};
  } else if (node.string() != nullptr) {
    time = parse_duration(*node.string());
    if (!time)
      return refuse(node, fmt::format("expected a time, as {} or with a unit (\"500ms\", \"10s\", \"5min\", \"2h\", "
                                      "\"7d\"), found {}",
                                      of_length(tick), shown(node)));
  } else {
    return expected(node, fmt::format("a time, as {} or with a unit (\"10s\")", of_length(tick)));
  }
  if (*time % tick != std::chrono::nanoseconds{0})
    return refuse(node, fmt::format("must be whole {}, found {}", of_length(tick), shown(node)));
  if (rules_.shortest && *time < *rules_.shortest)
    return refuse(node,
                  fmt::format("must be at least {}, found {}", in_quotes(to_text(*rules_.shortest)), shown(node)));
  if (rules_.longest && *time > *rules_.longest)
    return refuse(node, fmt::format("must be at most {}, found {}", in_quotes(to_text(*rules_.longest)), shown(node)));
  if (!in_range(node, static_cast<double>(*time / tick))) return std::nullopt;
  return *time / tick;
}

std::optional<std::uint64_t> Reading::size(const Node& node) const {
  std::optional<Bytes> size;
  if (node.integer() != nullptr) {
    if (*node.integer() < 0) return refuse(node, fmt::format("a size cannot be negative, found {}", shown(node)));
    size = Bytes{static_cast<std::uint64_t>(*node.integer())};
  } else if (node.string() != nullptr) {
    size = parse_bytes(*node.string());
    if (!size)
      return refuse(
          node, fmt::format("expected a size, in bytes or with a unit (\"64KB\", \"10MB\"), found {}", shown(node)));
  } else {
    return expected(node, "a size, in bytes or with a unit (\"64KB\")");
  }
  if (!in_range(node, static_cast<double>(size->count))) return std::nullopt;
  return size->count;
}

const Node::Array* Reading::list(const Node& node) const {
  const Node::Array* elements = node.array();
  if (elements == nullptr) {
    if (node.table() != nullptr || rules_.secret)
      expected(node, "a list");
    else
      refuse(node,
             fmt::format("expected a list, found {0} — write [{1}] with brackets", name_of(node.kind()), brief(node)));
    return nullptr;
  }
  if (rules_.non_empty && elements->empty()) {
    refuse(node, "must not be empty");
    return nullptr;
  }
  if (!rules_.unique) return elements;
  std::set<std::pair<Node::Kind, std::string>> seen;
  bool twice = false;
  for (const Node& element : *elements) {
    if (element.table() != nullptr || element.array() != nullptr) continue;
    const std::string text = element.string() != nullptr ? *element.string() : brief(element);
    if (seen.emplace(element.kind(), text).second) continue;
    refuse(element, fmt::format("{} is given twice", shown(element)));
    twice = true;
  }
  return twice ? nullptr : elements;
}

const Node::Table* Reading::table(const Node& node) const {
  if (node.table() == nullptr) {
    expected(node, "a table");
    return nullptr;
  }
  if (!rules_.non_empty || !node.table()->empty()) return node.table();
  refuse(node, "must not be empty");
  return nullptr;
}

}  // namespace meerkat::config
