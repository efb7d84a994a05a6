// SPDX-License-Identifier: Apache-2.0
// Against RabbitMQ. It starts slowly, so that all tests share one, and the last one ends it.
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/amqp/client.h"
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

// A queue of its own, and what comes to it; librabbitmq does the reading.
class Queue {
 public:
  Queue(const std::string& exchange, const std::string& key, bool takes_one_only = false)
      : connection_(::amqp_new_connection()) {
    ::amqp_socket_t* const socket = ::amqp_tcp_socket_new(connection_);
    REQUIRE(::amqp_socket_open(socket, "127.0.0.1", plain_port()) == AMQP_STATUS_OK);
    REQUIRE(::amqp_login(connection_, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest").reply_type ==
            AMQP_RESPONSE_NORMAL);
    ::amqp_channel_open(connection_, 1);
    std::array<::amqp_table_entry_t, 2> limits{};
    limits[0].key = bytes("x-max-length");
    limits[0].value.kind = AMQP_FIELD_KIND_I32;
    limits[0].value.value.i32 = 1;
    limits[1].key = bytes("x-overflow");
    limits[1].value.kind = AMQP_FIELD_KIND_UTF8;
    limits[1].value.value.bytes = bytes("reject-publish");
    const ::amqp_table_t arguments{takes_one_only ? 2 : 0, limits.data()};
    const auto* const made = ::amqp_queue_declare(connection_, 1, ::amqp_empty_bytes, 0, 0, 1, 1, arguments);
    REQUIRE(made != nullptr);
    const std::string name{static_cast<const char*>(made->queue.bytes), made->queue.len};
    REQUIRE(::amqp_queue_bind(connection_, 1, bytes(name), bytes(exchange), bytes(key), ::amqp_empty_table) != nullptr);
    if (takes_one_only) return;
    REQUIRE(::amqp_basic_consume(connection_, 1, bytes(name), ::amqp_empty_bytes, 0, 1, 0, ::amqp_empty_table) !=
            nullptr);
  }
  ~Queue() { ::amqp_destroy_connection(connection_); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  struct Read {
    std::string payload, key, content_type;
    int headers = 0;
    bool persistent = false;
  };
  Read next() {
    ::amqp_envelope_t envelope{};
    const ::timeval patience{.tv_sec = 20, .tv_usec = 0};
    REQUIRE(::amqp_consume_message(connection_, &envelope, &patience, 0).reply_type == AMQP_RESPONSE_NORMAL);
    const auto& properties = envelope.message.properties;
    Read read{text(envelope.message.body), text(envelope.routing_key), text(properties.content_type),
              properties.headers.num_entries, properties.delivery_mode == 2};
    ::amqp_destroy_envelope(&envelope);
    ::amqp_maybe_release_buffers(connection_);
    return read;
  }

 private:
  static ::amqp_bytes_t bytes(const std::string& text) { return {text.size(), const_cast<char*>(text.data())}; }
  static ::amqp_bytes_t bytes(const char* text) { return ::amqp_cstring_bytes(text); }
  static std::string text(::amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

  ::amqp_connection_state_t connection_;
};

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
  Queue queue{"confirmed", "#"};
  Message message = to("confirmed", std::string(300'000, 'x'));
  message.headers = {{"one", "1"}, {"two", "2"}};
  message.persistent = true;
  publisher.publish(message);
  const Queue::Read read = queue.next();
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
  Queue queue{"unconfirmed", ""};
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
  Queue queue{"full", "", true};
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
  Queue queue{"secure", ""};
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
