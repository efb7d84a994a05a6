// SPDX-License-Identifier: Apache-2.0
#include "config/toml_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <tuple>

#include <fmt/format.h>

// clang-format off: the order matters
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#define TOML_UNDEF_MACROS 0
// Values nested deeper than this are an attack or a mistake; the recursion must fit on the stack.
#define TOML_MAX_NESTED_VALUES 32
// The library promises the compiler things that do not hold for every text: that "x = 1979-05-27T" is followed by a
// digit, and that no character from U+00A1 to U+0499 is ever asked about. Without these promises it refuses or reads
// such text as it should; the fuzz target watches that.
#include <toml++/impl/preprocessor.h>
#include <toml++/impl/std_new.h>
#include <toml++/impl/std_string.h>
#include <toml++/impl/std_optional.h>
#include <toml++/impl/forward_declarations.h>
#undef TOML_ASSERT
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_ASSERT_ASSUME(expression) static_assert(true)
#pragma push_macro("TOML_UNREACHABLE")
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>
#pragma pop_macro("TOML_UNREACHABLE")
#include <toml++/toml.h>
// clang-format on

#include "config/toml_limits.h"

namespace meerkat::config {
namespace {

constexpr std::size_t largest_file = 16u << 20;

Place place_of(const toml::source_region& source) { return {source.begin.line, source.begin.column}; }

Node to_node(const toml::node& node);

Node::Value to_value(const toml::table& table) {
  Node::Table entries;
  entries.reserve(table.size());
  for (const auto& [key, value] : table)
    entries.push_back({std::string{key.str()}, place_of(key.source()), to_node(value)});
  std::ranges::sort(entries, [](const NodeEntry& a, const NodeEntry& b) {
    return std::tie(a.place, a.key) < std::tie(b.place, b.key);
  });
  return entries;
}

Node::Value to_value(const toml::array& array) {
  Node::Array elements;
  elements.reserve(array.size());
  for (const toml::node& element : array) elements.push_back(to_node(element));
  return elements;
}

template <class T>
Node::Value as_date(const toml::value<T>& date) {
  std::ostringstream text;
  text << date.get();
  return Node::Date{text.str()};
}

Node to_node(const toml::node& node) {
  const Place place = place_of(node.source());
  if (const auto* table = node.as_table()) return {to_value(*table), place};
  if (const auto* array = node.as_array()) return {to_value(*array), place};
  if (const auto* string = node.as_string()) return {string->get(), place};
  if (const auto* integer = node.as_integer()) return {integer->get(), place};
  if (const auto* floating = node.as_floating_point()) return {floating->get(), place};
  if (const auto* boolean = node.as_boolean()) return {boolean->get(), place};
  if (const auto* date = node.as_date()) return {as_date(*date), place};
  if (const auto* time = node.as_time()) return {as_date(*time), place};
  if (const auto* date_time = node.as_date_time()) return {as_date(*date_time), place};
  return {Node::Date{}, place};
}

std::nullopt_t refuse(Problems& problems, std::string message) {
  problems.add(Place{}, "", std::move(message));
  return std::nullopt;
}

// What the library says, and what to do about the mistake that is made most often.
std::string complaint(const toml::parse_error& error) {
  const std::string_view said = error.description();
  const bool unquoted = said.find("could not determine value type") != std::string_view::npos;
  const bool twice = said.find("cannot redefine") != std::string_view::npos;
  return fmt::format("not valid TOML: {}{}", said,
                     unquoted ? " — text stands between quotation marks"
                     : twice  ? " — each name can be written once: put both together"
                              : "");
}

}  // namespace

std::optional<Node> read_toml(std::string_view text, std::string_view file_name, Problems& problems) {
  problems.in_file(file_name);
  if (text.size() > largest_file) return refuse(problems, "is larger than 16 MB — is this the right file?");
  if (const auto too_deep = place_of_deep_key(text)) {
    problems.add(*too_deep, "", fmt::format("not valid TOML: more than {} names joined by dots", most_names_in_key));
    return std::nullopt;
  }
  const toml::parse_result result = toml::parse(text);
  if (result) return to_node(result.table());
  const toml::parse_error& error = result.error();
  problems.add(place_of(error.source()), "", complaint(error));
  return std::nullopt;
}

std::optional<Node> read_toml_file(const std::filesystem::path& path, Problems& problems) {
  problems.in_file(path.string());
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return refuse(problems,
                  "there is no such file — check the path; a relative path starts where the server is started");
  if (std::filesystem::is_directory(status)) return refuse(problems, "is a directory — name the file inside it");
  if (path.extension() != ".toml")
    return refuse(problems, "only TOML is read, and the file's name must end in .toml — rename or convert it");
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return refuse(problems, fmt::format("cannot be opened ({}) — the user that runs the server must be able to read it",
                                        std::strerror(errno)));
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad()) return refuse(problems, "cannot be read to its end — is the disk all right?");
  return read_toml(text, path.string(), problems);
}

}  // namespace meerkat::config
