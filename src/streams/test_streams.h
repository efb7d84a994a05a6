// SPDX-License-Identifier: Apache-2.0
// Test support: the client streams of a few workers over local sockets, all driven by hand on the test's thread.
//
//   StreamServer server;
//   StreamClient alice{server};
//   alice.logs_in("alice");
//   alice.says("<presence/>");
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics/registry.h"
#include "base/text.h"
#include "core/accounts_unsettled.h"
#include "core/test_hall.h"
#include "streams/c2s_service.h"

namespace meerkat {

// The accounts of test_accounts.h with keys for SCRAM-SHA-1; they make everybody wait when a test says so.
class StreamAccounts final : public Accounts {
 public:
  MemoryAccounts memory;
  Gate* gate = nullptr;
  bool passwords_checked = true;
  bool everybody_has_keys = true;
  bool one_is_away = false;  // of several methods

  Task<std::optional<Credentials>> find(Jid user) override {
    const bool known = co_await exists(user);
    if (!known) co_return std::nullopt;
    const std::string& password = memory.passwords.find(user.bare_text())->second;
    co_return Credentials{{derive_scram_keys(ScramHash::sha1, password, "salt", 1)}};
  }
  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    if (gate != nullptr) co_await *gate;
    const PasswordCheck check = co_await memory.check_password(user, std::move(password));
    if (one_is_away && check != PasswordCheck::right) throw AccountsUnsettled{};
    co_return check;
  }
  Task<bool> exists(Jid user) override {
    if (gate != nullptr) co_await *gate;
    const bool known = co_await memory.exists(user);
    co_return known;
  }
  Task<Standing> standing(Jid user) override {
    if (gate != nullptr) co_await *gate;
    co_return co_await memory.standing(user);
  }
  Task<Registration> register_account(Jid, std::string) override { co_return Registration::not_allowed; }
  Task<PasswordChange> change_password(Jid, std::string) override { co_return PasswordChange::not_allowed; }
  Task<bool> remove(Jid user) override { return memory.remove(std::move(user)); }
  Task<std::uint64_t> count(std::string) override { co_return 0; }
  Task<std::vector<std::string>> list(std::string, std::uint64_t, std::uint64_t) override {
    co_return std::vector<std::string>{};
  }
  bool checks_passwords() const override { return passwords_checked; }
  std::vector<ScramHash> scram_hashes() const override { return {ScramHash::sha1}; }
  bool can_ban() const override { return true; }
  bool keeps_keys_of_all() const override { return everybody_has_keys; }
  std::uint32_t scram_iterations() const override { return 1; }
};

enum class PlainWithoutTls : bool { refused, offered };

// "localhost" without TLS, unless the options say otherwise; each worker has a listening socket of its own.
class StreamServer {
 public:
  explicit StreamServer(std::size_t count = 1, const C2sOptions& options = without_tls(),
                        PlainWithoutTls plain = PlainWithoutTls::offered)
      : workers(count, clock), options_(std::make_shared<const C2sOptions>(options)) {
    for (std::size_t i = 0; i < count; ++i) {
      halls.push_back(std::make_unique<Hall>(workers[i], workers, halls, metrics));
      halls.back()->database = &database;
      HostType& host = halls.back()->add_host("localhost", accounts);
      host.login.plain_without_tls = plain == PlainWithoutTls::offered;
      services.push_back(std::make_unique<C2sService>(*halls.back(), services));
      workers[i].adopt_thread();
      services.back()->listen(open_local_port(), options_);
    }
  }
  // Streams that still negotiate are ended, so that their coroutines are.
  ~StreamServer() {
    shut_down();
    passes(std::chrono::seconds{10});
  }

  static C2sOptions without_tls() {
    C2sOptions options;
    options.default_domain = "default.example";
    options.fake_salt_secret = "secret";
    return options;
  }

  void turn() {
    for (int round = 0; round < 6; ++round) {
      for (const auto& worker : workers) {
        worker->adopt_thread();
        worker->turn(std::chrono::milliseconds{0});
      }
    }
  }
  void passes(std::chrono::nanoseconds time) {
    clock.advance(time);
    turn();
  }
  void shut_down() {
    for (const auto& service : services) {
      service->hall.worker.adopt_thread();
      service->shut_down();
    }
    turn();
  }

  // A user with the password "secret" who lives on that worker.
  std::string user_at_home_on(std::size_t worker) {
    for (int i = 0;; ++i) {
      const Jid user = *Jid::make("user" + std::to_string(i), "localhost");
      if (workers.home_of(user.bare_hash()).index() != worker) continue;
      add_account(user.node());
      return std::string{user.node()};
    }
  }
  void add_account(std::string_view node) {
    accounts.memory.passwords.emplace(std::string{node} + "@localhost", "secret");
  }
  // Of all workers.
  std::size_t streams() const {
    std::size_t sum = 0;
    for (const auto& service : services) sum += service->streams();
    return sum;
  }
  std::size_t sessions() const {
    std::size_t sum = 0;
    for (const auto& hall : halls) sum += hall->sessions.size();
    return sum;
  }
  template <class Use>
  void on_all_hosts(Use use) {
    for (const auto& hall : halls) use(*hall->host_of("localhost"));
  }
  int connect_to(std::size_t worker) const {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_un& where = ports_[worker].address;
    check(::connect(descriptor, reinterpret_cast<const sockaddr*>(&where), ports_[worker].size) == 0, "a port is open");
    return descriptor;
  }

  TurnableClock clock;
  metrics::Registry metrics;
  Workers workers;
  StreamAccounts accounts;
  sql::TestDatabase database;
  std::vector<std::unique_ptr<Hall>> halls;
  std::vector<std::unique_ptr<C2sService>> services;

 private:
  struct Port {
    sockaddr_un address{};
    socklen_t size = sizeof(sockaddr_un);
  };

  // A local socket, which carries bytes at once; the kernel finds a name that nobody has.
  int open_local_port() {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    Port& port = ports_.emplace_back();
    port.address.sun_family = AF_UNIX;
    auto* const address = reinterpret_cast<sockaddr*>(&port.address);
    check(::bind(descriptor, address, sizeof(sa_family_t)) == 0 && ::listen(descriptor, 128) == 0, "a port opens");
    ::getsockname(descriptor, address, &port.size);
    return descriptor;
  }

  const std::shared_ptr<const C2sOptions> options_;
  std::vector<Port> ports_;
};

}  // namespace meerkat

#include "streams/test_stream_client.h"  // IWYU pragma: keep
