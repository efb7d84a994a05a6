// SPDX-License-Identifier: Apache-2.0
// The program `meerkat`: `serve` runs the server.
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "admin/bench/bench.h"
#include "admin/cli/live_words.h"
#include "admin/cli/mistakes.h"
#include "admin/cli/own_pages.h"
#include "admin/cli/remote_commands.h"
#include "admin/commands.h"
#include "base/log.h"
#include "base/version.h"
#include "config/toml_reader.h"
#include "server/configuration.h"
#include "server/database_commands.h"
#include "server/notify.h"
#include "server/operator_commands.h"
#include "server/process.h"
#include "server/server.h"
#include "server/socket_of.h"

namespace {

using namespace meerkat;

constexpr int configuration_wrong = 2;
constexpr int could_not_start = 1;

struct ServeArguments {
  std::filesystem::path config = "/etc/meerkat/meerkat.toml";
  std::filesystem::path ready_file;
};

// The signals that end the server, and SIGHUP, which makes it read its configuration again; blocked in every thread,
// and waited for by the main thread.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

void tell_ready(const Server& server, const std::filesystem::path& ready_file) {
  std::string lines;
  for (const std::string& address : server.addresses()) lines += address + "\n";
  if (!ready_file.empty()) {
    // Whoever watches for the file finds it complete.
    const std::filesystem::path fresh = ready_file.string() + ".new";
    std::ofstream{fresh} << lines;
    std::filesystem::rename(fresh, ready_file);
  }
  notify_ready("listening on " + std::to_string(server.addresses().size()) + " addresses");
  std::cout << "ready\n"
            << lines << "limits " << server.most_descriptors() << " descriptors, enough for " << server.most_sessions()
            << " sessions\n"
            << std::flush;
}

// Until a signal ends the server.
void look_after(Server& server, const sigset_t& signals) {
  constexpr timespec one_second{.tv_sec = 1, .tv_nsec = 0};
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &one_second);
    if (signal == SIGTERM || signal == SIGINT) return;
    server.look_after_certificates();
    if (signal != SIGHUP) continue;
    notify_reloading();
    server.reload(Server::Reload::apply);
    notify_ready("listening on " + std::to_string(server.addresses().size()) + " addresses");
  }
}

int serve(const ServeArguments& arguments) {
  config::Problems problems;
  auto configuration = read_configuration(arguments.config, problems);
  if (!configuration) {
    std::cerr << problems.report();
    return configuration_wrong;
  }
  for (const config::Problem& warning : problems.all()) std::cerr << config::line_of(warning) << "\n";
  const Settings& settings = configuration->settings;
  set_log_levels(log_levels(settings.log, settings.general.loglevel));
  if (const auto set = set_log_output(log_output(settings.log)); !set) {
    std::cerr << "meerkat: " << set.error() << "\n";
    return could_not_start;
  }

  if (!settings.general.core_dumps) forbid_core_dumps();
  warn_about_root();
  const sigset_t signals = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  auto server = Server::build(std::move(*configuration));
  if (!server) {
    std::cerr << "meerkat: " << server.error() << "\n";
    return could_not_start;
  }
  (*server)->start();
  tell_ready(**server, arguments.ready_file);
  look_after(**server, signals);
  notify_stopping();
  (*server)->stop();
  return 0;
}

}  // namespace

int main(int count, char** values) {
  // The load client reads its own arguments.
  if (count > 1 && std::string_view{values[1]} == "bench") {
    const std::vector<std::string_view> rest(values + 2, values + count);
    return meerkat::bench::bench_main(rest);
  }

  CLI::App app{"Meerkat, an XMPP server"};
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("{} {}", meerkat::product_name, meerkat::product_version));
  admin::RemoteCommands remote{app, admin::all_commands()};
  admin::LiveWords live{app};

  ServeArguments arguments;
  CLI::App* const serving = app.add_subcommand("serve", "Runs the server until it gets SIGTERM.");
  serving->add_option("-c,--config", arguments.config, "The configuration file (TOML)");
  serving->add_option("--ready-file", arguments.ready_file,
                      "A file to write the addresses to once clients can connect");
  app.add_subcommand("bench", "Puts load on a server: see meerkat bench --help.");
  const CLI::App* const version = app.add_subcommand("version", "Prints the version.");
  CLI::App* const config = app.get_subcommand("config");
  const CLI::App* const reference = config->add_subcommand("reference", "Prints all options as Markdown.");
  const CLI::App* const example = config->add_subcommand("example", "Prints an annotated example file.");
  const CLI::App* const schema = config->add_subcommand("schema", "Prints a JSON schema of the file, for editors.");
  const OperatorCommands operators{app};
  const DatabaseCommands databases{app};
  admin::OwnPages pages{app};
  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::cerr << "meerkat: " << admin::mistake_of(app, error) << "\n";
    return admin::ExitCode::wrong_usage;
  }
  if (const auto code = remote.run(admin_socket_of)) return *code;
  if (const auto code = live.run(admin_socket_of)) return *code;
  if (pages.print(remote.commands())) return admin::ExitCode::done;
  if (const auto code = operators.run()) return *code;
  if (const auto code = databases.run()) return *code;
  if (version->parsed()) std::cout << meerkat::product_name << " " << meerkat::product_version << "\n";
  if (reference->parsed()) std::cout << meerkat::configuration_reference();
  if (example->parsed()) std::cout << meerkat::configuration_example();
  if (schema->parsed()) std::cout << meerkat::configuration_schema();
  return serving->parsed() ? serve(arguments) : 0;
}
