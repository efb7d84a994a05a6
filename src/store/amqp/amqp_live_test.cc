// SPDX-License-Identifier: Apache-2.0
// Against RabbitMQ. It starts slowly, so that all tests share one, and the last one ends it.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/amqp/client.h"
#include "store/amqp/test_queue.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

using namespace meerkat;
using namespace meerkat::amqp;
using namespace std::chrono_literals;
using Why = Unavailable::Why;

namespace {

LiveService& broker() {
  static LiveService service{"rabbitmq", {"--tls"}};
  return service;
}

std::uint16_t plain_port() {
  static const auto port = static_cast<std::uint16_t>(std::stoi(broker().tell("call plain_port")));
  return port;
}

RabbitPoolOptions options_for(std::uint16_t port, bool confirms = true) {
  RabbitPoolOptions options;
  options.pool.workers = 1;
  options.pool.call_timeout = 10s;
  options.connection.port = port;
  options.connection.confirms_enabled = confirms;
  options.connection.reconnect.delay = 100ms;
  return options;
}

struct Publisher {
  explicit Publisher(const RabbitPoolOptions& options) : client("rabbit.test", options) {}

  bool is_connected() { return client.pool().wait_until_connected(std::chrono::steady_clock::now() + 30s); }
  std::future<void> start(Message message) { return house.start(client.publish(std::move(message))); }
  void publish(Message message) { house.ask(client.publish(std::move(message))); }
  void declare(Exchange exchange) { house.ask(client.declare(std::move(exchange))); }
  std::uint64_t times(PoolEvent event) { return client.pool().events().times(event); }
  std::string refusal() {
    while (times(PoolEvent::connect_failed) == 0) std::this_thread::yield();
    CHECK_FALSE(client.pool().available());
    return client.pool().workers().front().last_error;
  }

  sql::TestHouse house{1};
  Client client;
};

std::optional<NotTaken::Reason> reason(std::future<void> asked) {
  try {
    asked.get();
  } catch (const NotTaken& refusal) {
    return refusal.reason();
  }
  return std::nullopt;
}

std::optional<Why> why(std::future<void>& asked) {
  try {
    asked.get();
  } catch (const Unavailable& known) {
    return known.why();
  }
  return std::nullopt;
}

Message to(const std::string& exchange, const std::string& payload) {
  return {.exchange = exchange, .routing_key = "alice@example.org.sent", .payload = payload};
}

}  // namespace

TEST_CASE("rabbit: a message is in the queue when the broker has confirmed it, with all that belongs to it") {
  if (!broker().is_there()) return;
  Publisher publisher{options_for(plain_port())};
  publisher.declare({.name = "confirmed"});
  publisher.declare({.name = "confirmed"});
  TestQueue queue{plain_port(), "confirmed", "#"};
  Message message = to("confirmed", std::string(300'000, 'x'));
  message.headers = {{"one", "1"}, {"two", "2"}};
  message.persistent = true;
  publisher.publish(message);
  const TestQueue::Read read = queue.next();
  CHECK(read.payload == message.payload);
  CHECK(read.key == message.routing_key);
  CHECK(read.content_type == "application/json");
  CHECK(read.headers == 2);
  CHECK(read.persistent);

  std::vector<std::future<void>> many;
  for (int i = 0; i < 300; ++i) many.push_back(publisher.start(to("confirmed", std::to_string(i))));
  for (auto& one : many) one.get();
  for (int i = 0; i < 300; ++i) CHECK(queue.next().payload == std::to_string(i));
  CHECK(publisher.client.figures().time.count() == 301);
  CHECK(publisher.client.figures().bytes > 300'000);
  CHECK(publisher.times(PoolEvent::bytes_sent) > 300'000);
}

TEST_CASE("rabbit: without confirmations a message is written, and what the broker closes over it is noticed") {
  if (!broker().is_there()) return;
  Publisher publisher{options_for(plain_port(), false)};
  publisher.declare({.name = "unconfirmed", .type = "fanout"});
  TestQueue queue{plain_port(), "unconfirmed", ""};
  publisher.publish(to("unconfirmed", "one"));
  CHECK(queue.next().payload == "one");
  publisher.publish(to("no such exchange", "lost"));
  while (publisher.client.figures().channels_closed == 0) std::this_thread::yield();
  publisher.publish(to("unconfirmed", "two"));
  CHECK(queue.next().payload == "two");
  CHECK(publisher.times(PoolEvent::connected) == 1);
}

TEST_CASE("rabbit: what the broker does not take fails once, and the connection lives on") {
  if (!broker().is_there()) return;
  Publisher publisher{options_for(plain_port())};
  using Reason = NotTaken::Reason;
  CHECK(reason(publisher.start(to("no such exchange", "lost"))) == Reason::channel_closed);
  publisher.declare({.name = "full", .type = "fanout"});
  CHECK(reason(publisher.house.start(publisher.client.declare({.name = "full", .type = "direct"}))) ==
        Reason::channel_closed);
  TestQueue queue{plain_port(), "full", "", true};
  publisher.publish(to("full", "one"));
  CHECK(reason(publisher.start(to("full", "two"))) == Reason::nacked);
  CHECK(reason(publisher.start({.exchange = "full", .routing_key = std::string(300, 'x')})) == Reason::not_sendable);
  CHECK(publisher.client.figures().channels_closed == 2);
  CHECK(publisher.times(PoolEvent::failed) == 4);
  CHECK(publisher.times(PoolEvent::connected) == 1);
}

TEST_CASE("rabbit: a wrong password, a virtual host that is not there and a wrong certificate are told") {
  if (!broker().is_there()) return;
  RabbitPoolOptions options = options_for(plain_port());
  options.connection.password = "wrong";
  const std::string password = Publisher{options}.refusal();
  CHECK_MESSAGE(password.contains("ACCESS_REFUSED"), password);
  options = options_for(plain_port());
  options.connection.virtual_host = "/nowhere";
  const std::string host = Publisher{options}.refusal();
  CHECK_MESSAGE(host.contains("/nowhere"), host);

  options = options_for(broker().port());
  options.connection.tls.emplace();
  CHECK(Publisher{options}.refusal().contains("certificate"));
  options.connection.tls->cacertfile = broker().tell("call authority");
  options.connection.tls->server_name_indication.host = "elsewhere.example";
  CHECK(Publisher{options}.refusal().contains("hostname mismatch"));
  options.connection.tls->server_name_indication.host.reset();
  Publisher trusting{options};
  trusting.declare({.name = "secure", .type = "fanout"});
  TestQueue queue{plain_port(), "secure", ""};
  trusting.publish(to("secure", std::string(100'000, 'y')));
  CHECK(queue.next().payload.size() == 100'000);
}

TEST_CASE(
    "rabbit: a silent broker keeps nobody waiting longer than the call's time; the oldest of too many is let go") {
  if (!broker().is_there()) return;
  RabbitPoolOptions options = options_for(plain_port());
  options.pool.call_timeout = 2s;
  options.connection.max_worker_queue_len = 2;
  Publisher publisher{options};
  REQUIRE(publisher.is_connected());
  publisher.declare({.name = "silent"});
  broker().tell("pause");
  const auto before = std::chrono::steady_clock::now();
  auto first = publisher.start(to("silent", "0"));
  while (publisher.client.pool().workers().front().under_way == 0) std::this_thread::yield();
  std::vector<std::future<void>> later;
  for (int i = 0; i < 3; ++i) later.push_back(publisher.start(to("silent", "x")));
  CHECK(why(later[0]) == Why::full);
  CHECK(why(first) == Why::timed_out);
  CHECK(why(later[1]).has_value());
  CHECK(why(later[2]).has_value());
  CHECK(std::chrono::steady_clock::now() - before < 6s);
  CHECK(publisher.times(PoolEvent::dropped) == 1);
  broker().tell("go_on");
  while (!publisher.client.pool().available()) std::this_thread::yield();
  publisher.publish(to("silent", "again"));
}

TEST_CASE("rabbit: a broker that is killed under a message, absent and started again is found again") {
  if (!broker().is_there()) return;
  Publisher publisher{options_for(plain_port())};
  REQUIRE(publisher.is_connected());
  broker().tell("pause");
  auto asked = publisher.start(to("amq.topic", "lost"));
  while (publisher.client.pool().workers().front().under_way == 0) std::this_thread::yield();
  broker().tell("kill");
  CHECK(why(asked) == Why::failed);
  while (publisher.times(PoolEvent::connect_failed) == 0) std::this_thread::yield();
  auto refused = publisher.start(to("amq.topic", "lost"));
  CHECK(why(refused).has_value());

  broker().tell("start");
  REQUIRE(publisher.is_connected());
  publisher.publish(to("amq.topic", "found"));
  broker().tell("stop");
}
