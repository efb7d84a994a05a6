// SPDX-License-Identifier: Apache-2.0
// `meerkat db`: the tables of a database outside, printed or made.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace meerkat {

// Adds its commands to the app, and lives as long. Needs no running server.
class DatabaseCommands {
 public:
  explicit DatabaseCommands(CLI::App& app);

  // After the app has parsed: the exit code, if one of them was asked for.
  std::optional<int> run() const;

 private:
  int schema() const;
  int migrate() const;

  CLI::App* schema_;
  CLI::App* migrate_;
  std::string dialect_;
  std::filesystem::path config_ = "/etc/meerkat/meerkat.toml";
  std::string tag_ = "default";
  bool dry_run_ = false;
};

}  // namespace meerkat
