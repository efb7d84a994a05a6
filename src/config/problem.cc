// SPDX-License-Identifier: Apache-2.0
#include "config/problem.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace meerkat::config {
namespace {

std::string counted(std::size_t n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

}  // namespace

void Problems::add(Place place, std::string_view path, std::string message) {
  add({.file = file_, .place = place, .path = std::string{path}, .message = std::move(message)});
}

void Problems::warn(Place place, std::string_view path, std::string message) {
  add({.file = file_, .place = place, .path = std::string{path}, .message = std::move(message), .warning = true});
}

void Problems::add(Problem problem) {
  if (!problem.warning) ++errors_;
  // Problems of one place stay in the order they were found in.
  const auto behind = std::ranges::upper_bound(problems_, std::tie(problem.file, problem.place), {},
                                               [](const Problem& each) { return std::tie(each.file, each.place); });
  problems_.insert(behind, std::move(problem));
}

std::string Problems::report() const {
  if (problems_.empty()) return {};
  std::string text;
  for (const Problem& problem : problems_) text += line_of(problem) + '\n';
  const std::size_t wrong = errors(), warnings = problems_.size() - wrong;
  if (wrong > 0) text += counted(wrong, "problem");
  if (wrong > 0 && warnings > 0) text += ", ";
  if (warnings > 0) text += counted(warnings, "warning");
  return text += wrong > 0 ? "; nothing was started.\n" : ".\n";
}

std::string line_of(const Problem& problem) {
  std::string line = problem.file;
  if (problem.place.line > 0) line += fmt::format(":{}:{}", problem.place.line, problem.place.column);
  if (!line.empty()) line += ": ";
  if (problem.warning) line += "warning: ";
  if (!problem.path.empty()) line += problem.path + ": ";
  return line += problem.message;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words) {
  // Nobody mistypes a name of this length; comparing it with all the others would take long.
  if (typed.size() > 100) return {};
  auto near = closest(typed, words);
  // "warn" is short for "warning", if for nothing else.
  if (!near && typed.size() > 2) {
    const auto longer = [typed](std::string_view word) { return word.starts_with(typed); };
    const auto first = std::ranges::find_if(words, longer);
    if (first != words.end() && std::ranges::count_if(words, longer) == 1) near = *first;
  }
  return near ? fmt::format(" — did you mean {}?", in_quotes(*near)) : std::string{};
}

}  // namespace meerkat::config
