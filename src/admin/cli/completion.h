// SPDX-License-Identifier: Apache-2.0
// Scripts that teach shells the words of the command line.
#pragma once

#include <string>

#include "admin/cli/word_tree.h"

namespace meerkat::admin {

std::string bash_completion(const WordNode& root);
std::string zsh_completion(const WordNode& root);
std::string fish_completion(const WordNode& root);

}  // namespace meerkat::admin
