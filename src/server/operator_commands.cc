// SPDX-License-Identifier: Apache-2.0
#include "server/operator_commands.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "server/check/checks.h"

namespace meerkat {

OperatorCommands::OperatorCommands(CLI::App& app)
    : check_(app.add_subcommand("check",
                                "Looks whether the server can run well: configuration, certificates, ports, limits, "
                                "database, clock. Ends with 0 (all is well), 1 (warnings) or 2 (errors).")),
      setup_(app.add_subcommand("setup", "Writes a first configuration, and tells what else there is to do.")) {
  check_->add_option("-c,--config", config_, "The configuration file (TOML)");
  check_->add_flag("--json", json_, "Print one JSON object, for programs");
  setup_->add_option("domain", wish_.domain, "The domain of the addresses, such as example.org")->required();
  setup_->add_option("email", wish_.email, "Where the certificate authority writes to")->required();
  setup_->add_option("-c,--config", wish_.config, "The file to write");
  setup_->add_option("--data", wish_.data, "The directory where accounts are kept");
  setup_->add_flag("--force", wish_.force, "Overwrite a configuration that is there");
}

std::optional<int> OperatorCommands::run() const {
  if (check_->parsed()) return check();
  if (setup_->parsed()) return setup();
  return std::nullopt;
}

int OperatorCommands::check() const {
  const Findings findings = check_everything(config_, SystemClock{}.wall());
  std::cout << (json_ ? findings.json() : findings.table());
  return static_cast<int>(findings.worst());
}

int OperatorCommands::setup() const {
  const auto done = set_up(wish_);
  if (!done) {
    std::cerr << "meerkat: " << done.error() << "\n";
    return 1;
  }
  std::cout << *done << "\n" << next_steps(wish_);
  return 0;
}

}  // namespace meerkat
