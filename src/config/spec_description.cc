// SPDX-License-Identifier: Apache-2.0
// The part of Spec that tells the reference what was described.
#include <fmt/format.h>

#include "config/spec.h"

namespace meerkat::config {
namespace {

std::string described_path(const Option& option, std::string_view path) {
  std::string own = join_path(path, option.key);
  if (option.kind == Option::Kind::list) return own + "[]";
  if (option.kind == Option::Kind::map) return fmt::format("{}.<{}>", own, option.rules.names_are);
  if (option.kind == Option::Kind::map_of_lists) return fmt::format("{}.<{}>[]", own, option.rules.names_are);
  return own;
}

std::string type_text(const Option& option) {
  switch (option.kind) {
    case Option::Kind::value:
      return option.shape.text();
    case Option::Kind::section:
      return "table";
    case Option::Kind::list:
      return "list of tables";
    case Option::Kind::map:
      return "tables under free names";
    case Option::Kind::map_of_lists:
      return "lists of tables under free names";
    case Option::Kind::ignored:
      return "without effect";
    case Option::Kind::refused:
      return "refused";
  }
  return {};
}

OptionDescription row(const Option& option, std::string_view path, const void* field) {
  const Rules& rules = option.rules;
  const bool has_default = option.kind == Option::Kind::value && !rules.mandatory && !rules.secret;
  return {.kind = option.kind,
          .path = described_path(option, path),
          .key = option.key,
          .type = type_text(option),
          .default_text = has_default ? option.print(field) : std::string{},
          .sentence = option.sentence,
          .limits = rules.limits(),
          .example = rules.example,
          .unit = rules.unit,
          .older_names = rules.older_names,
          .other_names = rules.other_names,
          .mandatory = rules.mandatory,
          .needs_restart = rules.needs_restart,
          .secret = rules.secret,
          .optional = option.optional,
          .shape = option.shape};
}

}  // namespace

void Spec::describe(std::string_view path, const void* defaults, std::vector<OptionDescription>& into) const {
  if (into.empty())
    into.push_back({.kind = Option::Kind::section, .path = std::string{path}, .type = "table", .sentence = sentence_});
  const auto field_of = [defaults](const Option& option) -> const void* {
    return static_cast<const char*>(defaults) + option.offset;
  };
  // Values first: after the header of a nested table, TOML would take them for that table's.
  for (const Option& option : options_)
    if (!option.inner && option.kind != Option::Kind::refused) into.push_back(row(option, path, field_of(option)));
  for (const Option& option : options_) {
    if (!option.inner) continue;
    into.push_back(row(option, path, nullptr));
    const bool in_place = option.kind == Option::Kind::section && !option.optional;
    const std::string inner_path = into.back().path;
    option.inner->describe(inner_path, in_place ? field_of(option) : option.inner->defaults(), into);
  }
}

}  // namespace meerkat::config
