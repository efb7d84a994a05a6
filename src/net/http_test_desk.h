// SPDX-License-Identifier: Apache-2.0
// Test support: an HTTP connection with handlers behind it, and the bare socket of its client.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <coroutine>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/connection_test_kit.h"
#include "net/http_connection.h"

namespace meerkat {

// What a test opens by hand, for those who wait just then.
class Turnstile {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) { waiting_.push_back(who); }
  void await_resume() const noexcept {}
  void open() {
    while (!waiting_.empty()) {
      const auto next = waiting_.front();
      waiting_.pop_front();
      next.resume();
    }
  }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::deque<std::coroutine_handle<>> waiting_;
};

// Answers with what it was asked; /slow when the gate opens, /much with a lot, /broken not at all.
class Echo final : public HttpHandler {
 public:
  explicit Echo(Turnstile& gate) : gate_(gate) {}
  std::vector<HttpMethod> methods() const override { return {HttpMethod::get, HttpMethod::post}; }
  std::size_t largest_body() const override { return 1000; }

  Task<HttpResponse> answer(const HttpRequest& request) override {
    if (request.path == "/slow") {
      request.asker->when_gone([](void* self) { ++static_cast<Echo*>(self)->gone; }, this);
      co_await gate_;
    }
    if (request.path == "/broken") throw std::runtime_error{"out of order"};
    HttpResponse response = HttpResponse::text(200, request.path + " " + request.body);
    if (request.path == "/much") response.body = pattern(much);
    if (request.path == "/split") response.headers.add("X-Bad", "a\r\nX-Injected: b");
    if (request.path == "/none") response = {.status = 204};
    if (request.path == "/words") response.body = std::string(2000, 'w');
    co_return response;
  }

  int gone = 0;

 private:
  Turnstile& gate_;
};

class Only final : public HttpHandler {
 public:
  std::vector<HttpMethod> methods() const override { return {HttpMethod::remove}; }
  Task<HttpResponse> answer(const HttpRequest&) override { co_return HttpResponse{.status = 204}; }
};

struct Stolen : HttpUpgrade {
  explicit Stolen(HttpTakenOver& into) : into(into) {}
  void take_over(HttpTakenOver&& connection) override { into = std::move(connection); }
  HttpTakenOver& into;
};

class Switch final : public HttpHandler {
 public:
  explicit Switch(HttpTakenOver& into) : into_(into) {}
  Task<HttpResponse> answer(const HttpRequest&) override {
    HttpResponse response{.status = 101, .headers = {{"Upgrade", "echo"}, {"Connection", "Upgrade"}}};
    response.upgrade = std::make_unique<Stolen>(into_);
    co_return response;
  }

 private:
  HttpTakenOver& into_;
};

// One connection, and the bare socket of its client.
struct Desk final : HttpOwner {
  explicit Desk(const HttpRules& rules = {}) : site_(std::make_shared<HttpSite>(rules)) {
    here.adopt_thread();
    std::vector<HttpRoute> routes;
    routes.push_back({"_", *HttpPathPattern::parse("/[...]"), echo});
    routes.push_back({"_", *HttpPathPattern::parse("/only"), only});
    routes.push_back({"_", *HttpPathPattern::parse("/switch"), std::make_shared<Switch>(taken)});
    site_->change(rules, std::move(routes));
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = ends[1];
    connection =
        std::make_unique<HttpConnection>(ends[0], *this, site_, HttpVisitor{.counted = std::make_shared<int>(0)});
    connection->start();
  }
  ~Desk() {
    Scene::turn(here);
    connection.reset();
    taken.connection.reset();
    Scene::turn(here);
    if (peer >= 0) ::close(peer);
    scope_.abandon();
  }

  Worker& worker() override { return here; }
  Scope& scope() override { return scope_; }
  void is_free(HttpConnection&) noexcept override { busy = false; }
  void is_busy(HttpConnection&) noexcept override { busy = true; }
  void has_ended(HttpConnection&) noexcept override {
    here.bury(std::move(connection));
    ended = true;
  }

  void says(std::string_view bytes) {
    REQUIRE(::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    for (int i = 0; i < 4; ++i) Scene::turn(here);
  }
  std::string hears() {
    std::string all;
    for (int quiet = 0; quiet < 3;) {
      std::string some(1 << 20, '\0');
      const ssize_t count = ::recv(peer, some.data(), some.size(), 0);
      if (count == 0) {
        at_end = true;
        break;
      }
      quiet = count > 0 ? 0 : quiet + 1;
      if (count > 0) all.append(some, 0, static_cast<std::size_t>(count));
      Scene::turn(here);
    }
    return all;
  }
  std::string asks(std::string_view request) {
    says(request);
    return hears();
  }
  void passes(std::chrono::nanoseconds time) {
    clock.advance(time);
    Scene::turn(here);
    Scene::turn(here);
  }

  TurnableClock clock;
  Worker here{0, 1, clock};
  Turnstile gate;
  std::shared_ptr<Echo> echo = std::make_shared<Echo>(gate);
  std::shared_ptr<HttpHandler> only = std::make_shared<Only>();
  HttpTakenOver taken;
  std::unique_ptr<HttpConnection> connection;
  int peer = -1;
  bool at_end = false, ended = false, busy = false;

 private:
  Scope scope_{"http test"};
  std::shared_ptr<HttpSite> site_;
};

}  // namespace meerkat
