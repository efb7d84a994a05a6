// SPDX-License-Identifier: Apache-2.0
// One connection to Redis for a thread that may wait: opened, logged in, sent to and read from, each with a deadline.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "net/client_socket.h"
#include "store/redis/commands.h"
#include "store/redis/redis_options.h"
#include "store/redis/reply_reader.h"

namespace meerkat::redis {

// One thread at a time. Everything but `close` throws std::runtime_error with words for the operator; after that the
// connection is only good for `close` and another `open`.
class Connection {
 public:
  // `name` is what CLIENT LIST calls it.
  Connection(RedisConnection options, std::string name);

  // Connects, logs in, chooses the database, and asks whether Redis is ready to serve.
  void open(SteadyTime until);
  // Throws when the server is a replica, which takes no writes.
  void insist_on_master(SteadyTime until);
  void close() noexcept;

  void send(std::string_view bytes, SteadyTime until);
  // How much of it the connection takes at once. Without TLS only.
  std::size_t send_now(std::string_view bytes) { return socket_.write_now(bytes); }
  // Reads what has come, at least one byte; how many there were.
  std::size_t receive(SteadyTime until);
  // The same without waiting, for none if need be.
  std::size_t receive_now();
  // A reply that is there.
  bool next(Reply& reply) { return reader_->next(reply); }
  // The answer of one command, while nothing else is under way.
  Reply ask(const Commands& command, SteadyTime until);

  int descriptor() const { return socket_.descriptor(); }
  bool has_tls() const { return socket_.has_tls(); }

 private:
  void log_in(SteadyTime until);

  const RedisConnection options_;
  const std::string name_;
  ClientSocket socket_;
  std::unique_ptr<ReplyReader> reader_;
  std::array<char, 16384> buffer_{};
};

}  // namespace meerkat::redis
