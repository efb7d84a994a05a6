// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <doctest/doctest.h>

#include "runtime/scope.h"

using namespace meerkat;

namespace {

struct Never {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

Task<> inner(std::shared_ptr<int> held, bool waits) {
  if (waits) co_await Never{};
  ++*held;
}

Task<> outer(std::shared_ptr<int> held, bool waits) {
  const std::shared_ptr<int> kept = held;
  co_await inner(std::move(held), waits);
}

}  // namespace

TEST_CASE("what is abandoned is freed, all the way down, and does not go on") {
  const auto held = std::make_shared<int>(0);
  Scope scope{"test"};
  scope.spawn(outer(held, true));
  scope.spawn(outer(held, false));
  scope.spawn(outer(held, true));
  CHECK(scope.running() == 2);
  CHECK(held.use_count() > 1);

  scope.abandon();

  CHECK(scope.idle());
  CHECK(held.use_count() == 1);
  CHECK(*held == 1);
}

TEST_CASE("the owner of a scope may go when the last of its work has ended") {
  auto scope = std::make_unique<Scope>("test");
  struct Gate {
    std::coroutine_handle<> waiting;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) { waiting = handle; }
    void await_resume() const noexcept {}
  } gate;
  scope->spawn([](Gate& wait) -> Task<> { co_await wait; }(gate));
  scope->when_idle([](void* owned) { static_cast<std::unique_ptr<Scope>*>(owned)->reset(); }, &scope);

  gate.waiting.resume();

  CHECK(scope == nullptr);
}
