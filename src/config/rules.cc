// SPDX-License-Identifier: Apache-2.0
#include "config/rules.h"

#include <fmt/format.h>

#include "config/duration.h"

namespace meerkat::config {

std::vector<std::string> Rules::limits() const {
  std::vector<std::string> texts;
  if (least) texts.push_back(fmt::format("at least {:.15g}", *least));
  if (shortest) texts.push_back("at least " + to_text(*shortest));
  if (most) texts.push_back(fmt::format("at most {:.15g}", *most));
  if (longest) texts.push_back("at most " + to_text(*longest));
  if (!one_of.empty()) texts.push_back(fmt::format("one of {}", fmt::join(one_of, ", ")));
  if (!must_be.empty()) texts.push_back(must_be);
  if (existing_file) texts.push_back("an existing file");
  if (existing_directory) texts.push_back("an existing directory");
  if (non_empty) texts.push_back("not empty");
  if (unique) texts.push_back("none twice");
  return texts;
}

Rule at_least(double number) {
  return [number](Rules& rules) { rules.least = number; };
}
Rule at_least(std::chrono::nanoseconds time) {
  return [time](Rules& rules) { rules.shortest = time; };
}
Rule at_least(Bytes size) { return at_least(static_cast<double>(size.count)); }

Rule at_most(double number) {
  return [number](Rules& rules) { rules.most = number; };
}
Rule at_most(std::chrono::nanoseconds time) {
  return [time](Rules& rules) { rules.longest = time; };
}
Rule at_most(Bytes size) { return at_most(static_cast<double>(size.count)); }

Rule must_be(std::string_view what, std::function<bool(std::string_view)> accepts) {
  return [what = std::string{what}, accepts = std::move(accepts)](Rules& rules) {
    rules.must_be = what;
    rules.accepts = accepts;
  };
}
Rule was_called(std::string_view older_name) {
  return [name = std::string{older_name}](Rules& rules) { rules.older_names.push_back(name); };
}
Rule also_called(std::string_view other_name) {
  return [name = std::string{other_name}](Rules& rules) { rules.other_names.push_back(name); };
}
Rule was_a_value(std::string_view sentence) {
  return [sentence = std::string{sentence}](Rules& rules) { rules.was_value = sentence; };
}
Rule example(std::string_view toml) {
  return [toml = std::string{toml}](Rules& rules) { rules.example = toml; };
}
Rule unit(std::string_view what) {
  return [what = std::string{what}](Rules& rules) { rules.unit = what; };
}
Rule names_are(std::string_view what) {
  return [what = std::string{what}](Rules& rules) { rules.names_are = what; };
}
Rule one_of_written(std::vector<std::string> toml) {
  return [toml = std::move(toml)](Rules& rules) { rules.one_of = toml; };
}

}  // namespace meerkat::config
