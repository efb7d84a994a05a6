// SPDX-License-Identifier: Apache-2.0
// Prints what was described: the reference page, and an annotated example file.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "config/spec.h"

namespace meerkat::config {

// Markdown: a heading for each table, its sentence, and a list of its options. `level` is that of the headings.
std::string reference_page(std::span<const OptionDescription> options, unsigned level = 2);

// What an example file shows without a comment sign, beyond what must be given: tables that may be absent, by their
// path ("listen.c2s[]"), without those that are left out, and values ("listen.c2s[].tls.mode" -> "\"starttls\"").
struct ExampleChoices {
  std::set<std::string, std::less<>> tables, left_out;
  std::map<std::string, std::string, std::less<>> values;
};

// TOML that shows every option with its sentence. What has a default is commented out, with that default.
std::string example_file(std::span<const OptionDescription> options, const ExampleChoices& choices = {});

}  // namespace meerkat::config
