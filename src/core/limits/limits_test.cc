// SPDX-License-Identifier: Apache-2.0
// Registrations, memory, and the settings behind all of it.
#include "core/limits/limits.h"
#include "base/test_directory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>

#include "config/toml_reader.h"
#include "core/limits/free_memory.h"
#include "core/limits/memory_reading.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t megabyte = 1 << 20;

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

// Files as the kernel shows them.
class KernelFiles {
 public:
  KernelFiles() { write("proc/meminfo", "MemTotal:       8388608 kB\nMemFree:        10 kB\n"); }
  void write(std::string_view file, std::string_view text) const { root_.write(file, text); }
  std::uint64_t limit() const { return memory_of_this_place(root_ / "proc", root_ / "cgroup"); }

 private:
  TestDirectory root_;
};

}  // namespace

TEST_CASE("a turn to register that is being taken keeps others from the same place out") {
  RegistrationLimits limits{{.between = 10s}};
  const TurnableClock clock;

  {
    const auto turn = limits.take_turn(ip("192.0.2.1"), clock.steady());
    REQUIRE(turn);
    CHECK(limits.take_turn(ip("192.0.2.1"), clock.steady()).error() == Refusal::registration_address);
    CHECK(limits.take_turn(ip("192.0.2.2"), clock.steady()));
  }

  CHECK(limits.take_turn(ip("192.0.2.1"), clock.steady()));
}

TEST_CASE("registrations from unknown addresses are from one place") {
  RegistrationLimits limits{{.between = 10s}};
  TurnableClock clock;
  auto turn = limits.take_turn({}, clock.steady());
  REQUIRE(turn);
  turn->use_up();

  clock.advance(9s);
  CHECK(!limits.take_turn({}, clock.steady()));
  clock.advance(1s);
  CHECK(limits.take_turn({}, clock.steady()));
}

TEST_CASE("registrations that fail do not count among those of the minute") {
  RegistrationLimits limits{{.per_minute = 1}};
  const TurnableClock clock;
  for (int i = 0; i < 10; ++i) CHECK(limits.take_turn(ip("192.0.2.1"), clock.steady()));

  auto turn = limits.take_turn(ip("192.0.2.1"), clock.steady());
  REQUIRE(turn);
  turn->use_up();

  CHECK(limits.take_turn(ip("192.0.2.2"), clock.steady()).error() == Refusal::registrations);
}

TEST_CASE("memory becomes tight before it is full, and is well again a good deal lower") {
  using State = MemoryCeiling::State;
  MemoryCeiling memory{1000 * megabyte};

  CHECK(memory.measured(899 * megabyte) == State::well);
  CHECK(memory.measured(901 * megabyte) == State::tight);
  CHECK(memory.is_tight());
  CHECK(memory.measured(860 * megabyte) == State::tight);
  CHECK(memory.measured(849 * megabyte) == State::well);
  CHECK(memory.measured(1000 * megabyte) == State::full);
  CHECK(memory.measured(950 * megabyte) == State::full);
  CHECK(memory.excess() > 49 * megabyte);
  CHECK(memory.measured(899 * megabyte) == State::tight);
  CHECK(memory.excess() == 0);

  memory.change(std::nullopt);
  CHECK(memory.measured(UINT64_MAX) == State::well);
}

TEST_CASE("the memory of this place is that of the machine, or less where a control group says so") {
  const KernelFiles files;
  CHECK(files.limit() == 8192 * megabyte);

  files.write("proc/self/cgroup", "0::/system.slice/meerkat.service\n");
  files.write("cgroup/system.slice/meerkat.service/memory.max", "max\n");
  CHECK(files.limit() == 8192 * megabyte);
  files.write("cgroup/system.slice/memory.max", "2147483648\n");
  CHECK(files.limit() == 2048 * megabyte);
  files.write("cgroup/system.slice/meerkat.service/memory.max", "1073741824\n");
  CHECK(files.limit() == 1024 * megabyte);

  files.write("proc/self/cgroup", "3:cpu:/\n2:memory:/box\n");
  CHECK(files.limit() == 8192 * megabyte);
  files.write("cgroup/memory/box/memory.limit_in_bytes", "536870912\n");
  CHECK(files.limit() == 512 * megabyte);
}

TEST_CASE("the memory of this process is known") {
  CHECK(resident_memory() > megabyte);
  CHECK(resident_memory() < 8192 * megabyte);
  return_free_memory(resident_memory());
}

TEST_CASE("so many logins are in progress at once") {
  LimitsSettings settings;
  settings.logins_in_progress = 2u;
  Limits limits{settings, 1024, config::infinity};

  auto first = limits.begin_login();
  {
    const auto second = limits.begin_login();
    CHECK(second);
    CHECK(!limits.begin_login());
    CHECK(limits.logins_in_progress() == 2);
  }
  CHECK(limits.begin_login());
}

TEST_CASE("strangers never have more than half of the descriptors") {
  Limits limits{LimitsSettings{}, 100, config::infinity};
  std::vector<std::unique_ptr<Guest>> guests;
  while (!limits.connections.too_many_unauthenticated())
    guests.push_back(*limits.connections.let_in({}, nullptr, SteadyTime{}));

  CHECK(guests.size() == 51);
}

TEST_CASE("the limits can be read, and infinity is no limit") {
  config::Problems problems;
  const auto table = config::read_toml(
      "memory = \"infinity\"\nconnection_rate = \"infinity\"\nfailed_logins_per_account = 7\nlogin_bytes = 5000\n",
      "t.toml", problems);
  const LimitsSettings settings = limits_section().read(&*table, problems);

  CHECK(problems.report() == "");
  const Limits limits{settings, 1024, std::chrono::seconds{600}};
  CHECK(limits.memory.ceiling() == 0);
  CHECK(limits.login_bytes() == 5000);
  CHECK(limits.login_time() == 2min);
  CHECK(settings.failed_logins_per_account == 7u);
  CHECK(Limits{LimitsSettings{}, 1024, config::infinity}.memory.ceiling() > megabyte);
}

TEST_CASE("every kind of refusal has its name and its counter") {
  Refusals refusals;
  std::set<std::string_view> names;
  for (const Refusal why : Refusals::all()) {
    names.insert(Refusals::name(why));
    refusals.count(why);
    refusals.count(why, 2);
    CHECK(refusals.times(why) == 3);
  }
  CHECK(names.size() == Refusals::kinds);
}
