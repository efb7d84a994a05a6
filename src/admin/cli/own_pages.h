// SPDX-License-Identifier: Apache-2.0
// What the program can say about its own words: completion scripts, the manual page, the reference.
#pragma once

#include <span>
#include <string>

#include "admin/command.h"

namespace CLI {
class App;
}

namespace meerkat::admin {

// Made after all other commands have been added; lives as long as the app.
class OwnPages {
 public:
  explicit OwnPages(CLI::App& app);

  // After the app has parsed: false when something else was asked for.
  bool print(std::span<const Command> commands) const;

 private:
  CLI::App& app_;
  CLI::App* completion_;
  CLI::App* man_;
  std::string shell_;
  bool markdown_ = false;
};

}  // namespace meerkat::admin
