// SPDX-License-Identifier: Apache-2.0
// A whole server whose file changes: what it tells, and that only looking changes nothing. What sessions see of it is
// in tests/reload.
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/test_directory.h"
#include "server/server.h"

using namespace meerkat;

namespace {

class RunningServer {
 public:
  RunningServer() {
    write("");
    config::Problems problems;
    auto configuration = read_configuration(file(), problems);
    REQUIRE_MESSAGE(configuration.has_value(), problems.report());
    auto built = Server::build(std::move(*configuration));
    REQUIRE_MESSAGE(built.has_value(), built.error());
    server = std::move(*built);
    server->start();
  }
  ~RunningServer() {
    server->stop();
    server.reset();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void write(std::string_view more) const {
    std::ofstream{file()} << "[general]\nhosts = [\"localhost\"]\ndefault_server_domain = \"localhost\"\n"
                             "worker_threads = 2\nloglevel = \"none\"\n"
                             "[[listen.c2s]]\nport = 0\nip_address = \"127.0.0.1\"\ntls.mode = \"starttls\"\n"
                             "[auth.internal]\n[internal_databases.embedded]\ndirectory = \""
                          << (directory_ / "data").string() << "\"\n"
                          << more;
  }
  std::filesystem::path file() const { return directory_ / "meerkat.toml"; }

  std::unique_ptr<Server> server;

 private:
  TestDirectory directory_;
};

std::vector<std::string> lines(const config::ChangeOutcome& outcome) {
  std::vector<std::string> all;
  for (const config::Change& change : outcome.changes) all.push_back(config::line_of(change));
  return all;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a dry run tells what would change, as often as it is asked, and changes nothing") {
  const RunningServer running;
  running.write("[modules.mod_time]\n");

  const auto first = running.server->reload(Server::Reload::dry_run);
  const auto second = running.server->reload(Server::Reload::dry_run);
  const auto real = running.server->reload(Server::Reload::apply);
  const auto again = running.server->reload(Server::Reload::apply);

  CHECK_FALSE(first.refused);
  CHECK(lines(first) == Lines{"+ [modules] {mod_time = {}}"});
  CHECK(lines(second) == lines(first));
  CHECK(lines(real) == lines(first));
  CHECK(lines(again) == Lines{});
}

TEST_CASE("a file that cannot be read as a whole is refused with every problem in it") {
  const RunningServer running;
  running.write("[modules.mod_time]\nx = 1\n[modules.mod_ping]\ny = 2\n");

  const auto outcome = running.server->reload(Server::Reload::apply);

  CHECK(outcome.refused);
  CHECK(outcome.changes.empty());
  CHECK(outcome.reasons.size() == 2);
}

TEST_CASE("the addresses and certificates that are shown are those of now") {
  const RunningServer running;
  const auto addresses = running.server->addresses();
  REQUIRE(addresses.size() == 1);
  CHECK(running.server->certificates().size() == 1);

  running.write("[[listen.c2s]]\nport = 0\nip_address = \"127.0.0.1\"\n");
  const auto outcome = running.server->reload(Server::Reload::apply);

  CHECK_FALSE(outcome.refused);
  REQUIRE(running.server->addresses().size() == 2);
  CHECK(running.server->addresses()[0] == addresses[0]);
  CHECK(running.server->certificates().at(0).days_left(SystemClock{}.wall()).count() > 3000);
}

TEST_CASE("limits, shapers and what a listener expects of a proxy change without a restart") {
  const RunningServer running;
  const auto with = [](std::string_view rate, std::string_view proxy, std::string_view limit) {
    return fmt::format(
        "[[listen.c2s]]\nport = 0\nip_address = \"127.0.0.1\"\nshaper = \"normal\"\nproxy_protocol = {}\n"
        "[shaper.normal]\nmax_rate = {}\n[limits]\nconnections_per_address = {}\n",
        proxy, rate, limit);
  };
  running.write(with("1000", "false", "5"));
  REQUIRE_FALSE(running.server->reload(Server::Reload::apply).refused);
  const auto addresses = running.server->addresses();

  running.write(with("2000", "true", "6"));
  const auto outcome = running.server->reload(Server::Reload::apply);

  CHECK_FALSE(outcome.refused);
  CHECK(lines(outcome) == Lines{"~ listen.c2s[1].proxy_protocol = false → true",
                                "~ shaper.normal.max_rate = 1000 → 2000", "~ limits.connections_per_address = 5 → 6"});
  CHECK(running.server->addresses() == addresses);
}

TEST_CASE("a limit or a shaper that is wrong changes nothing") {
  const RunningServer running;
  running.write("[shaper.normal]\nmax_rate = 1000\n[limits]\nconnections_per_address = 5\n");
  REQUIRE_FALSE(running.server->reload(Server::Reload::apply).refused);

  running.write("[shaper.normal]\nmax_rate = -1\n[limits]\nconnections_per_address = 6\nmemory = 5\n");
  const auto refused = running.server->reload(Server::Reload::apply);
  running.write("[shaper.normal]\nmax_rate = 1000\n[limits]\nconnections_per_address = 6\n");
  const auto taken = running.server->reload(Server::Reload::apply);

  CHECK(refused.refused);
  CHECK(refused.reasons.size() == 2);
  CHECK(lines(taken) == Lines{"~ limits.connections_per_address = 5 → 6"});
}
