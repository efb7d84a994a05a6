// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace meerkat::config {
namespace {

bool is_table(const OptionDescription& option) {
  return option.kind != Option::Kind::value && option.kind != Option::Kind::ignored;
}

bool is_list(const OptionDescription& option) {
  return option.kind == Option::Kind::list || option.kind == Option::Kind::map_of_lists;
}

std::string without(std::string text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) text.erase(at, what.size());
  return text;
}

// As it stands in the file: [general], [[listen.c2s]].
std::string header(const OptionDescription& option) {
  const std::string path = without(option.path, "[]");
  return is_list(option) ? fmt::format("[[{}]]", path) : fmt::format("[{}]", path);
}

// "at least 1, not empty" becomes "At least 1, not empty."
std::string as_sentence(std::string text) {
  if (text.empty()) return text;
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + ".";
}

std::string names_in_code(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += fmt::format("{}`{}`", list.empty() ? "" : ", ", name);
  return list;
}

std::vector<std::string> remarks(const OptionDescription& option) {
  std::vector<std::string> sentences;
  if (option.kind == Option::Kind::ignored) sentences.emplace_back("Accepted with a warning; has no effect.");
  if (option.mandatory) sentences.emplace_back("Must be given.");
  if (!option.limits.empty()) sentences.push_back(as_sentence(fmt::format("{}", fmt::join(option.limits, ", "))));
  if (option.needs_restart) sentences.emplace_back("A change needs a restart.");
  if (option.secret) sentences.emplace_back("Secret: never logged.");
  return sentences;
}

std::string type_and_unit(const OptionDescription& option) {
  return option.unit.empty() ? option.type : fmt::format("{} ({})", option.type, option.unit);
}

// A pipe would end the cell.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

std::string table_row(const OptionDescription& option) {
  std::string meaning = option.sentence;
  for (const std::string& remark : remarks(option)) meaning += " " + remark;
  if (!option.other_names.empty())
    meaning += fmt::format(" May be called {} as well.", names_in_code(option.other_names));
  if (!option.older_names.empty())
    meaning += fmt::format(" Older name, still read: {}.", names_in_code(option.older_names));
  if (!option.example.empty()) meaning += fmt::format(" Example: `{}`.", option.example);
  const std::string standard = option.default_text.empty() ? "—" : fmt::format("`{}`", option.default_text);
  return fmt::format("| `{}` | {} | {} | {} |\n", option.key, cell(type_and_unit(option)), cell(standard),
                     cell(meaning));
}

// In the example file, sentences follow "# " and what can be activated follows "#".
std::string comment(const OptionDescription& option) {
  std::string text = "# " + option.sentence;
  if (!is_table(option)) text += fmt::format(" {}", as_sentence(type_and_unit(option)));
  for (const std::string& remark : remarks(option)) text += " " + remark;
  std::ranges::replace(text, '\n', ' ');
  return text + "\n";
}

std::string example_line(const OptionDescription& option, bool active, const ExampleChoices& choices) {
  const auto chosen = choices.values.find(option.path);
  if (active && chosen != choices.values.end())
    return fmt::format("{} = {}\n", join_path("", option.key), chosen->second);
  const std::string& value =
      option.default_text.empty() || option.default_text == "[]" ? option.example : option.default_text;
  const bool must_show = active && option.mandatory && !value.empty();
  return fmt::format("{}{} = {}\n", must_show ? "" : "#", join_path("", option.key), value);
}

bool lies_within(std::string_view path, std::string_view table) {
  return path.starts_with(table) && path.size() > table.size() && (table.empty() || path[table.size()] == '.');
}

}  // namespace

std::string reference_page(std::span<const OptionDescription> options, unsigned level) {
  std::string page;
  bool in_table = false;
  for (const OptionDescription& option : options) {
    if (is_table(option)) {
      in_table = false;
      if (!page.empty()) page += '\n';
      if (!option.path.empty()) page += fmt::format("{} `{}`\n\n", std::string(level, '#'), header(option));
      page += option.sentence;
      for (const std::string& remark : remarks(option)) page += " " + remark;
      if (option.optional) page += " May be left out.";
      if (!option.older_names.empty())
        page += fmt::format(" Older name, still read: {}.", names_in_code(option.older_names));
      page += '\n';
      continue;
    }
    if (!in_table) page += "\n| Option | Type | Default | Meaning |\n|---|---|---|---|\n";
    in_table = true;
    page += table_row(option);
  }
  return page;
}

std::string example_file(std::span<const OptionDescription> options, const ExampleChoices& choices) {
  std::string file;
  std::vector<std::string> inactive;  // paths of tables that are commented out with all that is in them
  for (const OptionDescription& option : options) {
    const bool described_elsewhere = option.shape.kind == Shape::Kind::any && option.shape.called.empty();
    if (option.kind == Option::Kind::ignored || (!is_table(option) && described_elsewhere)) continue;
    const bool active =
        std::ranges::none_of(inactive, [&option](const std::string& table) { return lies_within(option.path, table); });
    if (!file.empty()) file += '\n';
    file += comment(option);
    if (!is_table(option)) {
      file += example_line(option, active, choices);
      continue;
    }
    const bool chosen = choices.tables.contains(option.path);
    const bool shown = active && !choices.left_out.contains(option.path) &&
                       (chosen || option.mandatory || (option.kind == Option::Kind::section && !option.optional));
    if (!shown) inactive.push_back(option.path);
    if (!option.path.empty())
      file += fmt::format("{}{}\n", shown ? "" : "#", without(without(header(option), "<"), ">"));
  }
  return file;
}

}  // namespace meerkat::config
