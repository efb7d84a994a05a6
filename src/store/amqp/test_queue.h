// SPDX-License-Identifier: Apache-2.0
// Test support: somebody who reads what comes to an exchange of a real broker.
#pragma once

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>

namespace meerkat::amqp {

// A queue of its own, and what comes to it; librabbitmq does the reading.
class TestQueue {
 public:
  TestQueue(std::uint16_t port, const std::string& exchange, const std::string& key, bool takes_one_only = false)
      : connection_(::amqp_new_connection()) {
    ::amqp_socket_t* const socket = ::amqp_tcp_socket_new(connection_);
    REQUIRE(::amqp_socket_open(socket, "127.0.0.1", port) == AMQP_STATUS_OK);
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
  ~TestQueue() { ::amqp_destroy_connection(connection_); }
  TestQueue(const TestQueue&) = delete;
  TestQueue& operator=(const TestQueue&) = delete;

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

}  // namespace meerkat::amqp
