// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/mistakes.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "admin/cli/render.h"
#include "base/text.h"

namespace meerkat::admin {
namespace {

// The command as far as it was understood: "meerkat account".
const CLI::App* deepest(const CLI::App* app, std::string& words) {
  const std::vector<CLI::App*> parsed = app->get_subcommands();
  if (parsed.empty()) return app;
  words += " " + parsed.front()->get_name();
  return deepest(parsed.front(), words);
}

std::string guess(std::string_view typed, const std::vector<std::string>& words, std::string_view before = {}) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  const auto near = closest(typed, views);
  return near ? fmt::format(" - did you mean \"{}{}\"?", before, *near) : "";
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace

std::string mistake_of(const CLI::App& app, const CLI::ParseError& error) {
  std::string words = "meerkat";
  const CLI::App& at = *deepest(&app, words);
  const std::vector<std::string> left = at.remaining();
  const std::vector<std::string> commands = commands_of(at);
  const std::string see = fmt::format("; see {} --help", words);
  if (!left.empty()) {
    const std::string typed = printable(left.front());
    if (typed.starts_with('-')) {
      const std::string near = guess(left.front(), options_of(at));
      return fmt::format("{} has no option \"{}\"{}", words, typed, near.empty() ? see : near);
    }
    if (!commands.empty()) {
      const std::string before = words == "meerkat" ? "" : words.substr(std::string_view{"meerkat "}.size()) + " ";
      const std::string near = guess(left.front(), commands, before);
      return fmt::format("there is no command \"{}{}\"{}", before, typed,
                         near.empty() ? fmt::format("; there are {}", fmt::join(commands, ", ")) : near);
    }
    return fmt::format("{} does not know what to do with \"{}\"{}", words, typed, see);
  }
  if (!commands.empty()) return fmt::format("{} needs one more word: {}", words, fmt::join(commands, ", "));
  return fmt::format("{}: {}{}", words, printable(error.what()), see);
}

}  // namespace meerkat::admin
