// SPDX-License-Identifier: Apache-2.0
// The commands of the program that need no running server: `meerkat check` and `meerkat setup`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "server/setup.h"

namespace CLI {
class App;
}

namespace meerkat {

// Adds its commands to the app, and lives as long.
class OperatorCommands {
 public:
  explicit OperatorCommands(CLI::App& app);

  // After the app has parsed: the exit code, if one of them was asked for.
  std::optional<int> run() const;

 private:
  int check() const;
  int setup() const;

  CLI::App* check_;
  CLI::App* setup_;
  std::filesystem::path config_ = "/etc/meerkat/meerkat.toml";
  bool json_ = false;
  SetupWish wish_;
};

}  // namespace meerkat
