// SPDX-License-Identifier: Apache-2.0
// `meerkat top` and `meerkat trace ADDRESS`: commands that go on asking until somebody has seen enough.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "admin/cli/remote_commands.h"

namespace CLI {
class App;
}

namespace meerkat::admin {

// Adds them to an app that has the commands of a server already. Lives as long as the app.
class LiveWords {
 public:
  explicit LiveWords(CLI::App& app);

  // After the app has parsed: the exit code, or nothing when another command was given.
  std::optional<int> run(const SocketFinder& find_socket) const;

 private:
  struct Place {
    std::string config = "/etc/meerkat/meerkat.toml";
    std::string socket;
  };

  static void add_place(CLI::App& app, Place& place);
  int watch(const std::filesystem::path& socket) const;
  int follow(const std::filesystem::path& socket) const;

  CLI::App* top_;
  CLI::App* trace_;
  Place top_place_, trace_place_;
  bool once_ = false;
  bool json_ = false;
  std::string address_;
  std::uint64_t seconds_ = 300;
  bool content_ = false;
};

}  // namespace meerkat::admin
