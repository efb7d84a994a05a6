// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/own_pages.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "admin/cli/completion.h"
#include "admin/cli/man_page.h"
#include "admin/cli/words_reference.h"
#include "admin/commands.h"

namespace meerkat::admin {

OwnPages::OwnPages(CLI::App& app)
    : app_(app),
      completion_(app.add_subcommand("completion", "Prints a script that teaches a shell these words.")),
      man_(app.add_subcommand("man", "Prints the manual page: meerkat man | man -l -")) {
  completion_->add_option("shell", shell_, "Which shell.")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  man_->add_flag("--markdown", markdown_, "The reference of all commands, as Markdown.");
}

bool OwnPages::print(std::span<const Command> commands) const {
  if (man_->parsed()) {
    const WordNode words = word_tree(app_);
    std::cout << (markdown_ ? commands_reference(commands) + words_reference(words, commands) : man_page(words));
    return true;
  }
  if (!completion_->parsed()) return false;
  const WordNode root = word_tree(app_);
  std::cout << (shell_ == "bash"  ? bash_completion(root)
                : shell_ == "zsh" ? zsh_completion(root)
                                  : fish_completion(root));
  return true;
}

}  // namespace meerkat::admin
