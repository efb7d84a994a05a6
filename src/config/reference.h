// SPDX-License-Identifier: Apache-2.0
// Prints what was described: the reference page, and an annotated example file. (A JSON schema for editors would be a
// third function here: OptionDescription::shape has all that it needs.)
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/spec.h"

namespace meerkat::config {

// Markdown: a heading for each table, its sentence, and a list of its options. `level` is that of the headings.
std::string reference_page(std::span<const OptionDescription> options, unsigned level = 2);

// TOML that shows every option with its sentence. What has a default is commented out, with that default.
std::string example_file(std::span<const OptionDescription> options);

}  // namespace meerkat::config
