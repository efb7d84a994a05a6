// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration: collected while it is read, told all at once, with place and suggestion.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"

namespace meerkat::config {

struct Problem {
  std::string file;
  Place place;
  std::string path;  // dotted, such as modules.mod_last.backend; empty if it is the file itself
  std::string message;
  bool warning = false;
};

class Problems {
 public:
  // The file that the following problems are about; read_toml() sets it.
  void in_file(std::string_view name) { file_ = name; }

  void add(Problem problem);
  void add(Place place, std::string_view path, std::string message);
  void warn(Place place, std::string_view path, std::string message);

  bool any_errors() const { return errors() > 0; }
  std::size_t errors() const { return errors_; }
  // In the order of the file.
  std::span<const Problem> all() const { return problems_; }

  // One line for each, then how many. Empty if there are none.
  std::string report() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
  std::size_t errors_ = 0;
};

// The line for one problem: file:line:column: path: message
std::string line_of(const Problem& problem);

// ` — did you mean "rdbms"?`, or nothing if no word is near what was typed.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words);

}  // namespace meerkat::config
