// SPDX-License-Identifier: Apache-2.0
// The words of the program that no server is asked about, for docs/reference/commands.md.
#pragma once

#include <span>
#include <string>

#include "admin/cli/word_tree.h"
#include "admin/command.h"

namespace meerkat::admin {

// All but `commands`, which have a page of their own.
std::string words_reference(const WordNode& root, std::span<const Command> commands);

}  // namespace meerkat::admin
