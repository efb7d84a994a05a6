// SPDX-License-Identifier: Apache-2.0
// The manual page meerkat(8).
#pragma once

#include <string>

#include "admin/cli/word_tree.h"

namespace meerkat::admin {

// In the language of man(7).
std::string man_page(const WordNode& root);

}  // namespace meerkat::admin
