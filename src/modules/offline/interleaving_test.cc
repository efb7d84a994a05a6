// SPDX-License-Identifier: Apache-2.0
// Whatever happens between a message and its reader, at each point at which it can happen: every message is delivered,
// once, in order, unless its sender was told otherwise.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <random>
#include <set>

#include "base/log.h"
#include "modules/offline/test_house.h"

namespace meerkat {
namespace {

using namespace offline_test;
using namespace std::chrono_literals;

// A session of bob's. A person has seen what the device showed before it last gave a sign of life; of what came after,
// nobody knows.
struct Device {
  TestClient* client;
  std::size_t number;
  Bodies seen;
  Bodies shown;

  void listen() {
    for (std::string& body : bodies(client->heard())) shown.push_back(std::move(body));
  }
  // Says something that concerns nobody.
  void gives_sign_of_life() {
    listen();
    client->says("<presence to='nobody@localhost'/>");
    seen.insert(seen.end(), shown.begin(), shown.end());
    shown.clear();
    listen();
  }
};

// A house whose database answers when it is told to, and a record of who saw what.
struct Play : House {
  std::vector<Device> devices;
  std::size_t logins = 0;
  int written = 0;
  std::set<std::string> refused;
  std::map<std::string, std::size_t> seen_at;  // login number at the time

  const LogLevel level = log_level();

  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;
  ~Play() { set_log_level(level); }
  explicit Play(std::optional<std::int64_t> most = {}) : House({}, most) {
    // Some failures are meant.
    set_log_level(LogLevel::none);
    server.database.is_slow = true;
  }

  void alice_writes() {
    alice->says(chat("m" + std::to_string(++written)));
    alice_listens();
  }
  void alice_listens() {
    for (std::string& body : bodies(alice->heard())) refused.insert(std::move(body));
  }
  void answer() {
    server.database.answer();
    server.turn();
    server.turn();
  }
  void log_in(int priority = 0) {
    ++logins;
    TestClient& client = server.login("bob", "r" + std::to_string(logins));
    client.says("<presence><priority>" + std::to_string(priority) + "</priority></presence>");
    devices.push_back({&client, logins, {}, {}});
  }
  void die(std::size_t which) {
    if (which >= devices.size()) return;
    devices[which].listen();
    devices[which].client->disconnects();
    judge(devices[which]);
    devices.erase(devices.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void signs_of_life() {
    for (Device& device : devices) {
      device.gives_sign_of_life();
      for (const std::string& body : device.seen) seen_at.try_emplace(body, logins);
    }
  }

  // No device is shown a message twice, nor one that was seen before it came.
  void judge(const Device& device) {
    Bodies all = device.seen;
    all.insert(all.end(), device.shown.begin(), device.shown.end());
    const std::set<std::string> different{all.begin(), all.end()};
    CHECK_MESSAGE(different.size() == all.size(), "twice on one device: ", fmt::format("{}", fmt::join(all, " ")));
    for (const std::string& body : all) {
      const auto seen = seen_at.find(body);
      CHECK_MESSAGE((seen == seen_at.end() || seen->second >= device.number), body, " was seen before");
    }
  }

  // Everybody comes to rest; then each message was seen, or refused.
  void end() {
    server.database.broken = false;
    if (devices.empty()) log_in();
    for (int round = 0; round < 40; ++round) {
      server.passes(1s);
      database_answers();
      signs_of_life();
    }
    alice_listens();
    CHECK(rows() == 0);
    for (int i = 1; i <= written; ++i) {
      const std::string body = "m" + std::to_string(i);
      CHECK_MESSAGE(seen_at.contains(body) + refused.contains(body) == 1, body, " was ",
                    seen_at.contains(body) ? "seen and refused" : "lost");
    }
    for (const Device& device : devices) judge(device);
  }
};

using Step = std::function<void(Play&)>;

// A message is stored, its reader comes, more is written meanwhile, and all is taken: with an answer of the database
// being a step of its own.
std::vector<Step> plain_course() {
  const Step write = [](Play& play) { play.alice_writes(); };
  const Step answer = [](Play& play) { play.answer(); };
  const Step come = [](Play& play) { play.log_in(); };
  const Step take = [](Play& play) { play.signs_of_life(); };
  return {write,  write, answer, write, answer, answer, come, write,  answer, write,
          answer, write, answer, take,  answer, write,  take, answer, answer};
}

// Something else that happens before step `when`.
void disturbed(const std::string& what, const Step& disturbance) {
  const std::vector<Step> course = plain_course();
  for (std::size_t when = 0; when <= course.size(); ++when) {
    INFO(what, " before step ", when);
    Play play;
    for (std::size_t i = 0; i <= course.size(); ++i) {
      if (i == when) disturbance(play);
      if (i < course.size()) course[i](play);
    }
    play.end();
  }
}

}  // namespace

TEST_CASE("nothing is lost or doubled when nothing goes wrong") {
  Play play;
  for (const Step& step : plain_course()) step(play);
  play.end();
  CHECK(play.refused.empty());
}

TEST_CASE("a device may die at any point") {
  disturbed("the device dies", [](Play& play) { play.die(0); });
}

TEST_CASE("a device may die and come back at any point") {
  disturbed("the device dies and comes back", [](Play& play) {
    play.die(0);
    play.log_in();
  });
}

TEST_CASE("a second device may come at any point, and the first die later") {
  disturbed("a second device comes", [](Play& play) { play.log_in(); });
  disturbed("a second device comes, the first dies", [](Play& play) {
    play.log_in(1);
    play.answer();
    play.die(0);
  });
}

TEST_CASE("a device may come and die at any point") {
  disturbed("a device comes and dies", [](Play& play) {
    play.log_in();
    play.answer();
    play.die(play.devices.size() - 1);
  });
}

TEST_CASE("the database may fail at any point, for one answer or for a while") {
  disturbed("one answer fails", [](Play& play) {
    play.server.database.broken = true;
    play.answer();
    play.server.database.broken = false;
  });
  disturbed("the database is away, and a device dies meanwhile", [](Play& play) {
    play.server.database.broken = true;
    play.database_answers();
    play.die(0);
    play.database_answers();
    play.server.passes(2s);
    play.database_answers();
    play.server.database.broken = false;
  });
}

TEST_CASE("a module that is started anew at any point knows what is in flight") {
  disturbed("the module is started anew", [](Play& play) {
    play.server.on_all_hosts([](HostType& host) {
      host.hall.worker.adopt_thread();
      host.stop_module("mod_offline");
    });
    REQUIRE(play.server.start(offline_module(), "store_groupchat_messages = true").empty());
  });
}

TEST_CASE("messages arrive in the order in which they were sent, whatever waits for what") {
  Play play;
  for (int i = 0; i < 5; ++i) play.alice_writes();
  play.answer();
  play.log_in();
  for (int i = 0; i < 40; ++i) {
    if (i % 2 == 0) play.alice_writes();
    play.answer();
  }
  play.database_answers();

  CHECK(bodies(play.devices[0].client->heard()) == numbers(25));
}

TEST_CASE("what alice sends to the device itself does not overtake what was kept") {
  Play play;
  play.alice_writes();
  play.database_answers();
  play.log_in();
  play.alice->says(chat("m2", "bob@localhost/r1"));
  CHECK(bodies(play.devices[0].client->heard()).empty());
  play.database_answers();

  CHECK(bodies(play.devices[0].client->heard()) == numbers(2));
}

TEST_CASE("a message that is being stored when its reader comes is delivered") {
  Play play;
  play.alice_writes();
  play.log_in();
  play.database_answers();
  CHECK(bodies(play.devices[0].client->heard()) == numbers(1));
}

TEST_CASE("senders are told when the database is away, and nobody when it is back") {
  Play play;
  play.server.database.is_slow = false;
  play.server.database.broken = true;
  play.alice_writes();
  play.alice_writes();
  CHECK(play.refused.size() == 2);

  play.server.database.broken = false;
  play.alice_writes();
  CHECK(play.refused.size() == 2);
  CHECK(play.rows() == 1);
}

TEST_CASE("what a dying device gives back while the database is away is kept when it returns") {
  Play play;
  play.server.database.is_slow = false;
  play.log_in();
  play.alice_writes();
  play.server.database.broken = true;
  play.die(0);
  CHECK(play.rows() == 0);
  play.server.passes(5s);
  CHECK(play.refused.empty());

  play.server.database.broken = false;
  play.server.passes(40s);
  CHECK(play.rows() == 1);
  CHECK(play.refused.empty());
}

TEST_CASE("a reader gets new messages while the database is away") {
  Play play;
  play.server.database.is_slow = false;
  play.alice_writes();
  play.server.database.broken = true;
  play.log_in();
  play.alice_writes();
  CHECK(bodies(play.devices[0].client->heard()) == numbers(2, 2));

  play.server.database.broken = false;
  play.server.passes(2s);
  CHECK(bodies(play.devices[0].client->heard()) == numbers(1));
}

TEST_CASE("an account that floods another with messages is refused before memory is full") {
  Play play;
  play.log_in(-1);  // so that messages wait for the database and for nobody
  for (int i = 0; i < 1200; ++i) play.alice->says(chat("x"));
  CHECK(contains(play.alice->heard(), "<resource-constraint"));
  play.database_answers();
  CHECK(play.rows() == 1000);
}

TEST_CASE("hundreds of courses at random: nothing is lost, nothing comes twice") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    INFO("seed ", seed);
    std::mt19937 random{seed};
    const auto chance = [&](unsigned of) { return random() % of; };
    Play play{chance(3) == 0 ? std::optional<std::int64_t>{4} : std::nullopt};
    for (int i = 0; i < 60; ++i) {
      switch (chance(12)) {
        case 0:
          if (play.devices.size() < 3) play.log_in(static_cast<int>(chance(3)) - 1);
          break;
        case 1:
          if (!play.devices.empty()) play.die(chance(static_cast<unsigned>(play.devices.size())));
          break;
        case 2:
          play.signs_of_life();
          break;
        case 3:
          play.server.database.broken = chance(4) == 0;
          break;
        case 4:
          play.server.passes(std::chrono::milliseconds{chance(3000)});
          break;
        case 5:
        case 6:
        case 7:
          play.alice_writes();
          break;
        default:
          play.answer();
      }
    }
    if (play.devices.empty() || !play.devices.back().client->session->takes_messages()) play.log_in();
    play.end();
  }
}

}  // namespace meerkat
