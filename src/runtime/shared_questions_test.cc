// SPDX-License-Identifier: Apache-2.0
#include "runtime/shared_questions.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "runtime/scope.h"

using namespace meerkat;

namespace {

// Answers when the test says so.
struct Oracle {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiting.push_back(handle); }
  void await_resume() const noexcept {}

  Task<int> asked() {
    const int number = ++times;
    co_await *this;
    if (broken) throw std::runtime_error("the oracle is silent");
    co_return number;
  }
  void speaks() {
    for (const auto handle : std::exchange(waiting, {})) handle.resume();
  }

  std::vector<std::coroutine_handle<>> waiting;
  int times = 0;
  bool broken = false;
};

struct People {
  People() { worker.adopt_thread(); }

  void ask(std::string about) { scope.spawn(wonder(*this, std::move(about))); }
  static Task<> wonder(People& people, std::string about) {
    const auto ask = [&people] { return people.oracle.asked(); };
    const auto keep = [&people](int answer) { people.kept.push_back(answer); };
    try {
      const int answer = co_await people.questions.answer(std::move(about), ask, keep);
      people.heard.push_back(answer);
    } catch (const std::runtime_error&) {
      ++people.disappointed;
    }
  }
  void oracle_speaks() {
    oracle.speaks();
    for (int i = 0; i < 3; ++i) worker.turn(std::chrono::milliseconds{0});
  }

  TurnableClock clock;
  Worker worker{0, 1, clock};
  Scope scope{"test"};
  Oracle oracle;
  SharedQuestions<std::string, int> questions;
  std::vector<int> heard, kept;
  int disappointed = 0;
};

}  // namespace

TEST_CASE("all who ask for the same at once share one question, which is kept once") {
  People people;

  for (int i = 0; i < 3; ++i) people.ask("bob");
  people.oracle_speaks();

  CHECK(people.oracle.times == 1);
  CHECK(people.heard == std::vector{1, 1, 1});
  CHECK(people.kept == std::vector{1});
  CHECK(people.scope.idle());
}

TEST_CASE("whoever asks for something else, or later, asks himself") {
  People people;
  people.ask("bob");
  people.ask("alice");
  people.oracle_speaks();

  people.ask("bob");
  people.oracle_speaks();

  CHECK(people.heard == std::vector{1, 2, 3});
  CHECK(people.kept == std::vector{1, 2, 3});
}

TEST_CASE("all who wait hear that a question failed, nothing is kept, and the next one asks anew") {
  People people;
  people.ask("bob");
  people.ask("bob");
  people.oracle.broken = true;
  people.oracle_speaks();
  CHECK(people.disappointed == 2);
  CHECK(people.kept.empty());

  people.oracle.broken = false;
  people.ask("bob");
  people.oracle_speaks();

  CHECK(people.heard == std::vector{2});
}

TEST_CASE("the answer to a question that was overtaken is told, but not kept") {
  People people;
  people.ask("bob");
  people.ask("bob");
  people.questions.overtake("bob");
  people.ask("bob");

  people.oracle_speaks();

  CHECK(people.oracle.times == 2);
  CHECK(people.heard.size() == 3);
  CHECK(people.kept == std::vector{2});
}

TEST_CASE("all questions can be overtaken at once") {
  People people;
  people.ask("bob");
  people.ask("alice");

  people.questions.overtake_all();
  people.oracle_speaks();

  CHECK(people.heard.size() == 2);
  CHECK(people.kept.empty());
}
