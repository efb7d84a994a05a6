// SPDX-License-Identifier: Apache-2.0
#include "store/redis/connection.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "net/tls_context.h"

namespace meerkat::redis {

Connection::Connection(RedisConnection options, std::string name)
    : options_(std::move(options)), name_(std::move(name)) {}

void Connection::open(SteadyTime until) {
  close();
  reader_ = std::make_unique<ReplyReader>();
  socket_.connect(options_.host, options_.port, until);
  if (options_.tls) {
    // Made anew each time, so that renewed certificates are used.
    auto context = TlsContext::make(tls_options(*options_.tls), TlsRole::client);
    if (!context) throw std::runtime_error{context.error()};
    socket_.start_tls(std::move(*context), options_.tls->server_name(options_.host), until);
  }
  log_in(until);
}

void Connection::log_in(SteadyTime until) {
  if (const std::string password = options_.password.value_or(""); !password.empty()) {
    Commands auth;
    options_.username ? auth.add("AUTH", *options_.username, password) : auth.add("AUTH", password);
    const Reply answer = ask(auth, until);
    if (const std::string* const error = answer.error())
      throw std::runtime_error{"Redis refuses the password: " + *error};
  }
  const Reply ping = ask(Commands{}.add("PING"), until);
  if (const std::string* const error = ping.error())
    throw std::runtime_error{error->starts_with("NOAUTH") ? "Redis wants a password: " + *error
                                                          : "Redis does not serve: " + *error};
  if (options_.database != 0) {
    const Reply selected = ask(Commands{}.add("SELECT", options_.database), until);
    if (const std::string* const error = selected.error())
      throw std::runtime_error{"Redis refuses database " + std::to_string(options_.database) + ": " + *error};
  }
  // For the operator's eyes alone, so it may be refused.
  ask(Commands{}.add("CLIENT", "SETNAME", "meerkat:" + name_), until);
}

void Connection::insist_on_master(SteadyTime until) {
  const Reply role = ask(Commands{}.add("ROLE"), until);
  if (role.error() != nullptr) return;  // it may be forbidden to ask
  if (role.array().empty() || role.array().front().text() != "master")
    throw std::runtime_error{"Redis is a replica and takes no writes"};
}

void Connection::close() noexcept { socket_.close(); }

void Connection::send(std::string_view bytes, SteadyTime until) { socket_.write(bytes, until); }

std::size_t Connection::receive(SteadyTime until) {
  const std::size_t count = socket_.read(buffer_, until);
  if (count == 0) throw std::runtime_error{"Redis closed the connection"};
  reader_->feed({buffer_.data(), count});
  return count;
}

std::size_t Connection::receive_now() {
  bool ended = false;
  const std::size_t count = socket_.read_now(buffer_, ended);
  if (ended) throw std::runtime_error{"Redis closed the connection"};
  reader_->feed({buffer_.data(), count});
  return count;
}

Reply Connection::ask(const Commands& command, SteadyTime until) {
  send(command.bytes(), until);
  Reply reply;
  while (!next(reply)) receive(until);
  return reply;
}

}  // namespace meerkat::redis
