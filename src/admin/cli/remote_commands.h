// SPDX-License-Identifier: Apache-2.0
// The commands of a running server as words of the command line: what `meerkat account register …` does.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/command.h"

namespace CLI {
class App;
}

namespace meerkat::admin {

// What the program answers to its caller.
enum ExitCode : int { done = 0, refused = 1, wrong_usage = 2, not_reachable = 3 };

// Where the socket of the server with this configuration file is; the error is a sentence.
using SocketFinder = std::function<std::expected<std::filesystem::path, std::string>(const std::filesystem::path&)>;

// Adds the commands to `app`, and runs the one that was given. Lives as long as the app.
class RemoteCommands {
 public:
  RemoteCommands(CLI::App& app, std::vector<Command> commands);
  ~RemoteCommands();

  const std::vector<Command>& commands() const { return commands_; }
  // After the app has parsed: the exit code, or nothing when another command was given.
  std::optional<int> run(const SocketFinder& find_socket);

 private:
  struct Word;
  void add(CLI::App& parent, const Command& command);

  const std::vector<Command> commands_;
  std::vector<std::unique_ptr<Word>> words_;
};

}  // namespace meerkat::admin
