// SPDX-License-Identifier: Apache-2.0
// What `meerkat bench` was asked to do.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "xmpp/sasl_mechanism.h"

namespace meerkat::bench {

enum class BenchMode : std::uint8_t { login, chat, idle, make_accounts, contacts, presence, offline, roster, resume };
enum class TlsUse : std::uint8_t { none, starttls, direct };
enum class Sends : std::uint8_t { no, yes };
enum class AddressAs : std::uint8_t { full, bare };

// A value; the same for all clients of a run.
struct BenchOptions {
  BenchMode mode = BenchMode::login;

  std::string server = "127.0.0.1:5222";
  std::string domain = "localhost";
  std::string user_prefix = "bench";
  std::string password = "bench";
  SaslMechanism mechanism = SaslMechanism::scram_sha_1;
  TlsUse tls = TlsUse::none;
  Sends presence = Sends::yes;
  bool asks_roster = false;      // at login, before the presence, as clients do
  bool manages_stream = false;   // XEP-0198, with resumption
  std::uint32_t ask_every = 10;  // stanzas, then a client asks for an acknowledgement

  std::uint32_t users = 1000;  // all accounts of the run
  std::uint32_t first_user = 0;
  std::uint32_t in_flight = 50;
  std::uint32_t threads = 1;
  bool rehearse = false;

  std::uint32_t seconds = 10;
  double warm_up = 1;
  std::uint32_t window = 1;
  double rate = 0;  // messages per second in all; 0: closed loop
  std::uint32_t body = 100;
  AddressAs to = AddressAs::full;

  // Of the modes about contacts, presence and messages for later.
  std::uint32_t those_measured = 0;  // users of whom the figures are; the others of `users` are there for them
  std::uint32_t entries = 50;        // contacts of each
  std::uint32_t online = 10;         // of these
  std::uint32_t rounds = 5;
  std::uint32_t stay = 0;      // seconds
  std::uint32_t messages = 1;  // for each
  bool prepared = false;       // accounts know each other since an earlier run

  std::uint32_t limit = 600;  // seconds for the whole run
  pid_t server_pid = 0;
  bool json = false;
  bool owns_server = false;
};

// The options, or the exit code when there is nothing (more) to do: help was printed, or what is wrong.
std::variant<BenchOptions, int> read_command_line(std::span<const std::string_view> arguments);

}  // namespace meerkat::bench
