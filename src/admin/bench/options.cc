// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/options.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <vector>

#include <CLI/CLI.hpp>

#include "admin/bench/neighbourhood.h"

namespace meerkat::bench {
namespace {

void add_common(CLI::App& app, BenchOptions& options) {
  const std::map<std::string, TlsUse> tls_words{
      {"none", TlsUse::none}, {"starttls", TlsUse::starttls}, {"direct", TlsUse::direct}};
  app.add_option("--server", options.server, "Address and port; [::1]:5222 for IPv6")->capture_default_str();
  app.add_option("--domain", options.domain, "The domain of the accounts")->capture_default_str();
  app.add_option("--user-prefix", options.user_prefix, "Accounts are PREFIX0, PREFIX1, …")->capture_default_str();
  app.add_option("--password", options.password, "The password of all accounts")->capture_default_str();
  app.add_option("--first-user", options.first_user, "Number of the first account")->capture_default_str();
  app.add_option("--tls", options.tls, "none, starttls or direct; the certificate is not checked")
      ->transform(CLI::CheckedTransformer(tls_words).description("{none,starttls,direct}"));
  app.add_option("--in-flight", options.in_flight, "At most so many log in at a time")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--limit", options.limit, "Gives up after so many seconds in all")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--server-pid", options.server_pid, "Process of the server: adds its CPU time and memory");
  app.add_flag("--json", options.json, "Prints the figures as one line of JSON");
  app.add_flag("--i-own-this-server", options.owns_server, "Allows an address that is not of this machine");
}

void add_threads(CLI::App& app, BenchOptions& options) {
  app.add_option("--threads", options.threads, "Threads of this client")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

void add_login(CLI::App& app, BenchOptions& options) {
  const std::map<std::string, SaslMechanism> mechanisms{{"PLAIN", SaslMechanism::plain},
                                                        {"SCRAM-SHA-1", SaslMechanism::scram_sha_1},
                                                        {"SCRAM-SHA-256", SaslMechanism::scram_sha_256}};
  app.add_option("--mechanism", options.mechanism, "SCRAM-SHA-1, SCRAM-SHA-256 or PLAIN")
      ->transform(
          CLI::CheckedTransformer(mechanisms, CLI::ignore_case).description("{SCRAM-SHA-1,SCRAM-SHA-256,PLAIN}"));
  app.add_flag_callback(
      "--no-presence", [&options] { options.presence = Sends::no; }, "Ends the login with the bound resource");
}

void add_users(CLI::App& app, BenchOptions& options) {
  app.add_option("--users", options.users, "How many accounts")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

void add_seconds(CLI::App& app, BenchOptions& options) {
  app.add_option("--seconds", options.seconds, "How long it is measured")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

void add_body(CLI::App& app, BenchOptions& options) {
  app.add_option("--body", options.body, "Bytes of text in a message")
      ->check(CLI::Range(40, 200'000))
      ->capture_default_str();
}

void add_rounds(CLI::App& app, BenchOptions& options, const char* what) {
  app.add_option("--rounds", options.rounds, what)->check(CLI::Range(1, 10'000))->capture_default_str();
}

void add_stay(CLI::App& app, BenchOptions& options, const char* what) {
  app.add_option("--stay", options.stay, what)->check(CLI::Range(0, 86'400))->capture_default_str();
}

void add_management(CLI::App& app, BenchOptions& options) {
  app.add_flag("--sm", options.manages_stream, "With stream management (XEP-0198) on both sides, resumption included");
  app.add_option("--ask-every", options.ask_every,
                 "With --sm: a client asks for an acknowledgement behind so many stanzas; 0: never")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
}

void add_chat(CLI::App& app, BenchOptions& options, std::uint32_t& pairs) {
  const std::map<std::string, AddressAs> addresses{{"full", AddressAs::full}, {"bare", AddressAs::bare}};
  app.add_option("--pairs", pairs, "How many pairs of users chat")
      ->check(CLI::Range(1, 5'000'000))
      ->capture_default_str();
  add_seconds(app, options);
  auto* const rate = app.add_option("--rate", options.rate,
                                    "Open loop: messages per second in all; latency counts from the intended time")
                         ->check(CLI::Range(0.1, 1e8));
  app.add_option("--window", options.window, "Closed loop: so many messages are under way per pair")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->excludes(rate);
  add_body(app, options);
  app.add_option("--to", options.to, "Messages are sent to the full or the bare address")
      ->transform(CLI::CheckedTransformer(addresses).description("{full,bare}"));
  add_management(app, options);
  app.add_option("--warm-up", options.warm_up, "Seconds of traffic before the measurement")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
}

// What the modes count their users by; how many accounts that makes is said by `count_accounts`.
void add_measured(CLI::App& app, BenchOptions& options, const char* name, const char* what) {
  app.add_option(name, options.those_measured, what)->check(CLI::Range(1, 1'000'000))->required();
}

void add_entries(CLI::App& app, BenchOptions& options, const char* name, const char* what) {
  app.add_option(name, options.entries, what)->check(CLI::Range(0, 100'000))->required();
}

void add_prepared(CLI::App& app, BenchOptions& options) {
  app.add_flag("--prepared", options.prepared, "The accounts know each other already, from an earlier run like this");
}

void add_contacts(CLI::App& app, BenchOptions& options) {
  add_measured(app, options, "--users", "How many log in and out; their contacts are as many accounts behind them");
  add_entries(app, options, "--roster", "Contacts of each");
  app.add_option("--online", options.online, "How many of these are online")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  add_rounds(app, options, "How often all of them log in and out");
  add_stay(app, options, "Seconds that they stay in the first round before the memory is measured");
  add_prepared(app, options);
}

void add_presence(CLI::App& app, BenchOptions& options) {
  add_measured(app, options, "--groups", "How many groups: one whose presence changes, and his contacts");
  add_entries(app, options, "--fan", "Contacts in a group");
  add_seconds(app, options);
  add_management(app, options);
  add_prepared(app, options);
}

void add_offline(CLI::App& app, BenchOptions& options) {
  add_measured(app, options, "--users", "How many get messages while they are away; one account more sends them");
  app.add_option("--messages", options.messages, "Messages for each")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  add_body(app, options);
}

void add_roster(CLI::App& app, BenchOptions& options) {
  add_measured(app, options, "--users", "How many ask for their roster, one after the other");
  add_entries(app, options, "--entries", "Contacts in each roster");
  add_rounds(app, options, "How often each asks again after the first time");
  app.add_flag("--prepared", options.prepared, "The rosters are there already, from an earlier run like this");
}

void add_resume(CLI::App& app, BenchOptions& options) {
  add_measured(app, options, "--users", "How many are cut off and resume; one account more sends them messages");
  app.add_option("--messages", options.messages, "Messages for each while it is cut off")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  add_body(app, options);
  add_rounds(app, options, "How often all of them are cut off and resume");
  add_stay(app, options, "Seconds before the memory of connected and of detached sessions is measured");
}

// The accounts of a run, which these modes lay out one behind the other.
std::uint32_t count_accounts(const BenchOptions& options) {
  switch (options.mode) {
    case BenchMode::contacts:
      return Neighbourhood{options}.accounts();
    case BenchMode::presence:
      return options.those_measured * (1 + options.entries);
    case BenchMode::offline:
    case BenchMode::resume:
      return options.those_measured + 1;
    case BenchMode::roster:
      return options.those_measured;
    default:
      return options.users;
  }
}

// What follows from the mode.
void complete(BenchOptions& options, std::uint32_t pairs) {
  options.online = std::min(options.online, options.entries);
  // RFC 6121 §3.1.6: who has not asked for his roster is not told that he was approved.
  if (options.mode == BenchMode::contacts || options.mode == BenchMode::presence) options.asks_roster = true;
  if (options.mode == BenchMode::resume) options.manages_stream = true;
  options.users = options.mode == BenchMode::chat ? 2 * pairs : count_accounts(options);
}

}  // namespace

std::variant<BenchOptions, int> read_command_line(std::span<const std::string_view> arguments) {
  BenchOptions options;
  std::uint32_t pairs = 500;
  CLI::App app{"Puts load on an XMPP server and measures what it costs.", "meerkat bench"};
  app.require_subcommand(1);
  app.option_defaults()->take_last();
  CLI::App* const login = app.add_subcommand("login", "Logs users in: logins per second, and how long each takes");
  CLI::App* const chat = app.add_subcommand("chat", "Pairs of users chat: messages per second, latency, losses");
  CLI::App* const idle = app.add_subcommand("idle", "Users log in and are silent: memory of the server for each");
  CLI::App* const accounts = app.add_subcommand("register", "Makes the accounts by in-band registration (XEP-0077)");
  CLI::App* const contacts =
      app.add_subcommand("contacts", "Users with contacts log in, ask for their roster, and log out: cost of each");
  CLI::App* const presence =
      app.add_subcommand("presence", "Presence that changes: what each contact that is told costs");
  CLI::App* const offline = app.add_subcommand("offline", "Messages for users who are away: cost to keep and to fetch");
  CLI::App* const roster = app.add_subcommand("roster", "Large rosters: what it costs to ask for one");
  CLI::App* const resume =
      app.add_subcommand("resume", "Sessions that are cut off and resumed (XEP-0198): cost of each, lost messages");
  for (CLI::App* const command : {login, chat, idle, accounts, contacts, presence, offline, roster, resume})
    add_common(*command, options);
  for (CLI::App* const command : {login, chat, idle, contacts, presence, offline, roster, resume})
    add_login(*command, options);
  for (CLI::App* const command : {login, idle})
    command->add_flag("--roster-get", options.asks_roster, "Asks for the roster at login");
  for (CLI::App* const command : {login, chat, idle, accounts}) add_threads(*command, options);
  for (CLI::App* const command : {login, idle, accounts}) add_users(*command, options);
  login->add_flag("--rehearse", options.rehearse,
                  "Logs everybody in and out once before: key derivation (PBKDF2) is then not part of the measurement");
  add_chat(*chat, options, pairs);
  add_seconds(*idle, options);
  add_contacts(*contacts, options);
  add_presence(*presence, options);
  add_offline(*offline, options);
  add_roster(*roster, options);
  add_resume(*resume, options);

  // CLI11 takes them last first.
  std::vector<std::string> reversed{arguments.begin(), arguments.end()};
  std::ranges::reverse(reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem, std::cout, std::cerr) == 0 ? 0 : 2;
  }
  const std::pair<const CLI::App*, BenchMode> modes[] = {
      {login, BenchMode::login},       {chat, BenchMode::chat},
      {idle, BenchMode::idle},         {accounts, BenchMode::make_accounts},
      {contacts, BenchMode::contacts}, {presence, BenchMode::presence},
      {offline, BenchMode::offline},   {roster, BenchMode::roster},
      {resume, BenchMode::resume}};
  for (const auto& [command, mode] : modes)
    if (command->parsed()) options.mode = mode;
  complete(options, pairs);
  return options;
}

}  // namespace meerkat::bench
