// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "accounts/external.h"
#include "accounts/external_program.h"
#include "base/test_directory.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// Keeps accounts in memory, writes down what it was asked, and misbehaves for passwords that ask for it.
constexpr std::string_view keeper = R"(#!/usr/bin/python3
import os, sys, time
known = {"alice:a.example": "se:cret"}
place = os.path.dirname(sys.argv[0])
with open(place + "/starts", "a") as starts:
    starts.write("x")
if os.path.exists(place + "/ends-at-once"):
    sys.exit(3)
while True:
    head = sys.stdin.buffer.read(2)
    if len(head) < 2:
        break
    request = sys.stdin.buffer.read(int.from_bytes(head, "big")).decode()
    with open(place + "/asked", "a") as asked:
        asked.write(request + "\n")
    what, user, server, *rest = request.split(":", 3)
    name = user + ":" + server
    password = rest[0] if rest else None
    if password == "slow":
        time.sleep(3600)
    while password == "later" and not os.path.exists(place + "/now"):
        time.sleep(0.005)
    if password == "end":
        sys.exit(1)
    if password == "end once" and not os.path.exists(place + "/ended"):
        open(place + "/ended", "w").close()
        sys.exit(1)
    if password == "nonsense":
        sys.stdout.buffer.write(b"HTTP/1.1 200 OK")
        sys.stdout.buffer.flush()
        continue
    yes = False
    if what == "auth":
        yes = known.get(name) == password or password == "end once"
    elif what == "isuser":
        yes = name in known
    elif what == "tryregister":
        yes = name not in known and user != "root"
        if yes:
            known[name] = password
    elif what == "setpass":
        yes = name in known
        if yes:
            known[name] = password
    elif what == "removeuser":
        yes = known.pop(name, None) is not None
    answer = b"\0\2\0" + bytes([yes])
    for i in range(len(answer)):
        sys.stdout.buffer.write(answer[i:i + 1])
        sys.stdout.buffer.flush()
)";

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

struct Program {
  TestDirectory place;
  std::filesystem::path file = place.write("keeper", keeper);
  sql::TestHouse house{2};
  std::unique_ptr<Accounts> accounts;
  OutgoingPool* pool = nullptr;

  explicit Program(std::chrono::milliseconds answer_time = 30s, std::chrono::milliseconds call_timeout = 30s) {
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    auto program =
        std::make_unique<ExternalProgram>(ExternalProgramSettings{.name = "external.test",
                                                                  .program = file,
                                                                  .call_timeout = call_timeout,
                                                                  .answer_time = answer_time,
                                                                  .back_off = {.first = 5ms, .longest = 50ms}});
    pool = &program->pool();
    accounts = make_external_accounts(std::move(program));
  }
  PasswordCheck check(std::string_view user, std::string password) {
    return house.ask(accounts->check_password(jid(user), std::move(password)));
  }
  bool is_known(std::string_view user) { return house.ask(accounts->exists(jid(user))); }
  // As soon as a program answers.
  PasswordCheck check_in_time(std::string_view user, const std::string& password) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    for (;;) try {
        return check(user, password);
      } catch (const Unavailable&) {
        if (std::chrono::steady_clock::now() > until) throw;
        std::this_thread::sleep_for(5ms);
      }
  }
  std::string read(std::string_view name) const {
    std::ifstream stream{place / name};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
};

Unavailable::Why why_not(Program& program, std::string password) {
  try {
    program.check("alice@a.example", std::move(password));
  } catch (const Unavailable& failure) {
    return failure.why();
  }
  return Unavailable::Why::stopped;
}

}  // namespace

TEST_CASE("a program says who may log in, and whose password is what") {
  Program program;

  CHECK(program.check("alice@a.example", "se:cret") == PasswordCheck::right);
  CHECK(program.check("alice@a.example/phone", "se:cret") == PasswordCheck::right);
  CHECK(program.check("alice@a.example", "se") == PasswordCheck::wrong);
  CHECK(program.check("alice@a.example", "") == PasswordCheck::wrong);
  CHECK(program.is_known("alice@a.example"));
  CHECK_FALSE(program.is_known("bob@a.example"));
  CHECK(program.read("asked").starts_with("auth:alice:a.example:se:cret\nauth:alice:a.example:se:cret\n"));
  CHECK(program.read("starts") == "x");
}

TEST_CASE("a program that has let somebody in is not asked whether there is such a user") {
  Program program;

  CHECK(program.check("alice@a.example", "se:cret") == PasswordCheck::right);
  CHECK(program.house.ask(program.accounts->standing(jid("alice@a.example"))) == Standing::open);
  CHECK_FALSE(program.read("asked").contains("isuser"));
}

TEST_CASE("a program makes, changes and removes accounts") {
  Program program;
  const auto add = [&](std::string_view user, std::string password) {
    return program.house.ask(program.accounts->register_account(jid(user), std::move(password)));
  };
  const auto change = [&](std::string_view user, std::string password) {
    return program.house.ask(program.accounts->change_password(jid(user), std::move(password)));
  };

  CHECK(add("bob@a.example", "one") == Registration::done);
  CHECK(add("bob@a.example", "two") == Registration::exists);
  CHECK(add("root@a.example", "two") == Registration::not_allowed);
  CHECK(add("carol@a.example", "") == Registration::bad_password);
  CHECK(change("bob@a.example", "three") == PasswordChange::done);
  CHECK(change("carol@a.example", "three") == PasswordChange::no_such_account);
  CHECK(program.check("bob@a.example", "three") == PasswordCheck::right);
  CHECK(program.house.ask(program.accounts->remove(jid("bob@a.example"))));
  CHECK_FALSE(program.house.ask(program.accounts->remove(jid("bob@a.example"))));
}

TEST_CASE("what the protocol cannot say is not asked") {
  Program program;

  CHECK(program.check("alice@[::1]", "se:cret") == PasswordCheck::wrong);
  CHECK(program.check("alice@a.example", std::string(ExternalProgram::longest_request, 'x')) == PasswordCheck::wrong);
  CHECK_FALSE(program.is_known("a.example"));
  CHECK(program.read("asked").empty());
}

TEST_CASE("a program that does not answer in time is killed and started anew") {
  Program program{500ms, 500ms};
  CHECK(program.check_in_time("alice@a.example", "se:cret") == PasswordCheck::right);
  const std::size_t starts = program.read("starts").size();

  CHECK(why_not(program, "slow") == Unavailable::Why::timed_out);

  CHECK(program.check_in_time("alice@a.example", "se:cret") == PasswordCheck::right);
  CHECK(program.read("starts").size() > starts);
}

TEST_CASE("a program that answers after its caller has given up goes on, and nobody takes the late answer for his") {
  Program program{60s, 1s};
  CHECK(program.check_in_time("alice@a.example", "se:cret") == PasswordCheck::right);
  const std::string starts = program.read("starts");

  CHECK(why_not(program, "later") == Unavailable::Why::timed_out);
  CHECK(why_not(program, "se:cret") == Unavailable::Why::timed_out);  // it waits for its turn
  program.place.write("now", "");

  CHECK(program.check_in_time("alice@a.example", "se:cret") == PasswordCheck::right);
  CHECK(program.check("alice@a.example", "wrong") == PasswordCheck::wrong);
  CHECK(program.read("starts") == starts);
}

TEST_CASE("a program that ends is started anew, and what may be asked twice is") {
  Program program;
  CHECK(program.check("alice@a.example", "se:cret") == PasswordCheck::right);

  CHECK(program.check("alice@a.example", "end once") == PasswordCheck::right);
  CHECK(program.read("starts") == "xx");

  CHECK(why_not(program, "end") == Unavailable::Why::failed);
  CHECK(program.check_in_time("alice@a.example", "se:cret") == PasswordCheck::right);
}

TEST_CASE("a program that answers anything but yes or no is started anew") {
  Program program;
  CHECK(program.check("alice@a.example", "se:cret") == PasswordCheck::right);

  CHECK(why_not(program, "nonsense") == Unavailable::Why::failed);

  CHECK(program.check_in_time("alice@a.example", "se:cret") == PasswordCheck::right);
}

TEST_CASE("a program that ends at once is started less and less often") {
  Program program;
  program.place.write("ends-at-once", "");
  const auto until = std::chrono::steady_clock::now() + 60s;
  const auto refused = [&] { return program.pool->events().times(PoolEvent::connect_failed); };
  // The first may have come up before the file was there: it is asked to go.
  CHECK_THROWS(program.check("alice@a.example", "end"));

  while (refused() < 3 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);

  CHECK(refused() >= 3);
}
