// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "admin/bench/modes.h"
#include "xmpp/jid.h"

namespace meerkat::bench {
namespace {

constexpr rlim_t other_descriptors = 64;  // and those of the workers

int refuse(const std::string& why) {
  fmt::print(stderr, "meerkat bench: {}\n", why);
  return 2;
}

// What is wrong with the wish as a whole; empty when nothing is.
std::string problem_with(const BenchOptions& options, const ServerAddress& server) {
  if (!server.is_loopback() && !options.owns_server)
    return options.server +
           " is not an address of this machine. Load on servers of others is an attack; if this one is yours, say "
           "--i-own-this-server";
  if (!Jid::make(options.user_prefix + "0", options.domain))
    return options.user_prefix + "0@" + options.domain + " is no address";
  if (options.password.empty()) return "the password is empty";
  if (const auto reached = server.try_to_connect(); !reached) return options.server + ": " + reached.error();
  return {};
}

// Every client needs a descriptor; tries to have as many as the system allows.
std::string problem_with_descriptors(const BenchOptions& options) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t clients = options.mode == BenchMode::make_accounts ? 2 * options.in_flight : options.users;
  if (clients + other_descriptors <= limit.rlim_cur) return {};
  return fmt::format(
      "{} clients need as many descriptors, and this process may have {}: raise `ulimit -Hn`, or take "
      "fewer users",
      clients, limit.rlim_cur);
}

void warn_about_process(const BenchOptions& options) {
  const ServerProcess server{options.server_pid};
  if (!server.wanted()) return;
  if (!server.readable())
    fmt::print(stderr, "meerkat bench: process {} cannot be read: no CPU time of the server\n", options.server_pid);
  else if (!server.resident())
    fmt::print(stderr, "meerkat bench: the memory of process {} cannot be read (another user's?)\n",
               options.server_pid);
}

Result run_mode(Run& run) {
  switch (run.options().mode) {
    case BenchMode::login:
      return bench_login(run);
    case BenchMode::chat:
      return bench_chat(run);
    case BenchMode::idle:
      return bench_idle(run);
    case BenchMode::make_accounts:
      return bench_register(run);
    case BenchMode::contacts:
      return bench_contacts(run);
    case BenchMode::presence:
      return bench_presence(run);
    case BenchMode::offline:
      return bench_offline(run);
    case BenchMode::roster:
      return bench_roster(run);
    case BenchMode::resume:
      return bench_resume(run);
  }
  return {};
}

}  // namespace

int bench_main(std::span<const std::string_view> arguments) {
  const auto wish = read_command_line(arguments);
  if (const int* const code = std::get_if<int>(&wish)) return *code;
  const BenchOptions& options = std::get<BenchOptions>(wish);
  const auto server = ServerAddress::parse(options.server);
  if (!server) return refuse(server.error());
  if (const std::string problem = problem_with(options, *server); !problem.empty()) return refuse(problem);
  if (const std::string problem = problem_with_descriptors(options); !problem.empty()) return refuse(problem);
  warn_about_process(options);
  try {
    Console console;
    Run run{options, *server, console};
    const Result result = run_mode(run);
    const std::string text = options.json ? result.report.json() : result.report.text();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return result.good && !console.interrupted() ? 0 : 1;
  } catch (const std::exception& failure) {
    return refuse(failure.what());
  }
}

}  // namespace meerkat::bench
