// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/words_reference.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meerkat::admin {
namespace {

bool is_asked_of_server(const WordNode& node, std::span<const Command> commands) {
  return std::ranges::any_of(commands, [&](const Command& command) { return node.path == " " + command.full_name(); });
}

// An affair alone is no command, unless it takes something itself: `meerkat trace alice@example.org`.
bool is_command(const WordNode& node) { return !node.path.empty() && (node.words.empty() || !node.places.empty()); }

std::string described(const WordNode& node) {
  std::string usage = "meerkat" + node.path;
  for (const std::string& place : node.places) usage += " " + place;
  std::string text = fmt::format("\n## {}\n\n{}\n\n```\n{}\n```\n", node.path.substr(1), node.sentence, usage);
  bool begun = false;
  for (const OptionWord& option : node.options) {
    if (option.names.back() == "--help") continue;
    if (!std::exchange(begun, true)) text += "\n| option | |\n|---|---|\n";
    text += fmt::format("| `{}` | {} |\n", fmt::join(option.names, "`, `"), option.sentence);
  }
  return text;
}

}  // namespace

std::string words_reference(const WordNode& root, std::span<const Command> commands) {
  std::string page =
      "\n# Words of the program itself\n\nThese need no running server, or go on asking one until somebody has seen "
      "enough.\n";
  for (const WordNode* const node : all_nodes(root))
    if (is_command(*node) && !is_asked_of_server(*node, commands)) page += described(*node);
  return page;
}

}  // namespace meerkat::admin
