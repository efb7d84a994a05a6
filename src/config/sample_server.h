// SPDX-License-Identifier: Apache-2.0
// A small tree of options for the tests and the fuzz target of this floor; it uses everything a section can do.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/section.h"

namespace meerkat::config::sample {

enum class Backend { embedded, rdbms };
enum class TlsMode { tls, starttls };

struct Tls {
  TlsMode mode = TlsMode::starttls;
  std::optional<std::filesystem::path> certfile, keyfile;
  std::vector<std::string> versions;
};

struct Common {
  std::uint16_t port = 0;
  std::string shaper = "none";
};

struct Listener {
  Common common;
  Limit<Bytes> max_stanza_size = infinity;
  std::chrono::milliseconds state_timeout = std::chrono::seconds{5};
  std::optional<Tls> tls;
};

struct Password {
  int scram_iterations = 10'000;
  std::string pepper;
};

struct Pool {
  int workers = 10;
  Backend backend = Backend::rdbms;
};

struct Pattern {
  std::string user, match = "current_domain";
  std::variant<std::int64_t, std::string> value = "allow";
};

struct Server {
  std::vector<std::string> hosts;
  std::string default_domain;
  Limit<std::chrono::seconds> registration_timeout = std::chrono::minutes{10};
  double ratio = 0.5;
  std::int8_t small = 1;
  std::string address = "0.0.0.0";
  std::vector<int> ip_versions = {4, 6};
  std::map<std::string, std::string> settings;
  std::optional<Node> modules;
  Password password;
  std::vector<Listener> c2s;
  std::map<std::string, Pool> pools;
  std::map<std::string, std::vector<Pattern>> acl;
};

}  // namespace meerkat::config::sample

template <>
struct meerkat::config::EnumNames<meerkat::config::sample::Backend> {
  using enum meerkat::config::sample::Backend;
  static constexpr EnumName names[] = {{embedded, "embedded"}, {rdbms, "rdbms"}, {embedded, "mnesia"}};
};

template <>
struct meerkat::config::EnumNames<meerkat::config::sample::TlsMode> {
  using enum meerkat::config::sample::TlsMode;
  static constexpr EnumName names[] = {{tls, "tls"}, {starttls, "starttls"}};
};

namespace meerkat::config::sample {

inline bool is_address(std::string_view text) { return text == "::" || std::ranges::count(text, '.') == 3; }

inline void keys_come_in_pairs(const Tls& tls, Checker& checker) {
  if (tls.certfile && !tls.keyfile) checker.refuse("certfile", "needs keyfile as well");
}

inline void shaper_exists(const Common& common, Checker& checker) {
  if (common.shaper == "missing") checker.refuse("shaper", "no shaper \"missing\" under [shaper]");
}

inline Section<Tls> tls() {
  return Section<Tls>{"tls", "Encryption."}
      .option("mode", &Tls::mode, "When encryption starts.")
      .option("certfile", &Tls::certfile, "The certificate chain, as PEM.", existing_file)
      .option("keyfile", &Tls::keyfile, "The private key, as PEM.", existing_file, secret)
      .option("versions", &Tls::versions, "The versions offered.", one_of("tlsv1.2", "tlsv1.3"), unique)
      .check(keys_come_in_pairs);
}

inline Section<Common> common() {
  return Section<Common>{"listen", "What all listeners have."}
      .option("port", &Common::port, "Where connections are taken.", mandatory, at_least(1), example("5222"))
      .option("shaper", &Common::shaper, "How fast a connection may send.", non_empty, unit("bytes per second"))
      .check(shaper_exists);
}

inline Section<Listener> listener() {
  return Section<Listener>{"listen.c2s", "Takes connections of clients."}
      .include(&Listener::common, common())
      .option("max_stanza_size", &Listener::max_stanza_size, "Larger stanzas end the stream.", at_least(1024))
      .option("state_timeout", &Listener::state_timeout, "How long a login may take.",
              at_least(std::chrono::milliseconds{100}), at_most(std::chrono::hours{1}))
      .section("tls", &Listener::tls, tls());
}

inline Section<Pool> pool() {
  return Section<Pool>{"pool", "Connections to a database."}
      .option("workers", &Pool::workers, "How many connections.", between(1, 100), needs_restart)
      .option("backend", &Pool::backend, "What is connected to.");
}

inline Section<Pattern> pattern() {
  return Section<Pattern>{"acl", "Who belongs to a class."}
      .option("user", &Pattern::user, "The name of the user.", non_empty, mandatory)
      .option("match", &Pattern::match, "Where it counts.", one_of("all", "none", "current_domain"))
      .option("value", &Pattern::value, "What is granted.");
}

inline Section<Password> password() {
  return Section<Password>{"password", "How passwords are kept."}
      .option("scram_iterations", &Password::scram_iterations, "More is slower, for thieves as well.", at_least(1),
              was_called("iterations"))
      .option("pepper", &Password::pepper, "Mixed into every hash.", secret,
              must_be("lower-case letters only", [](std::string_view text) {
                return std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
              }));
}

inline Section<Server> section() {
  return Section<Server>{"", "A server for tests."}
      .option("hosts", &Server::hosts, "The domains served.", unique, example("[\"example.org\"]"))
      .option("default_domain", &Server::default_domain, "Used while none is known.", mandatory,
              example("\"localhost\""))
      .option("registration_timeout", &Server::registration_timeout, "Between two registrations.", at_least(1))
      .option("ratio", &Server::ratio, "A share.", between(0, 1))
      .option("small", &Server::small, "A small number.")
      .option("address", &Server::address, "Where to listen.", must_be("an IP address", is_address))
      .option("ip_versions", &Server::ip_versions, "In this order.", one_of(4, 6), non_empty, unique)
      .option("settings", &Server::settings, "Passed on as they are.")
      .option("modules", &Server::modules, "Read by the modules themselves.")
      .section("password", &Server::password, password())
      .list("c2s", &Server::c2s, listener(), was_called("clients"))
      .map("pools", &Server::pools, pool(), names_are("tag"))
      .map("acl", &Server::acl, pattern(), names_are("class"))
      .ignored("num_acceptors", "the kernel spreads connections over the workers.");
}

}  // namespace meerkat::config::sample
