// SPDX-License-Identifier: Apache-2.0
// A connection to a server elsewhere for a thread that may wait: TCP, or TLS over it, each step with a deadline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/tls_context.h"
#include "net/tls_handles.h"

struct addrinfo;

namespace meerkat {

class SocketTimeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One thread at a time. Everything but `close` throws std::runtime_error with words for the operator; after that the
// socket is only good for `close`.
class ClientSocket {
 public:
  ClientSocket() = default;
  ~ClientSocket() { close(); }
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  // Tries every address of the host until one answers. Looking the name up may take longer than `until`.
  void connect(const std::string& host, std::uint16_t port, SteadyTime until);
  // `name` is asked for, and must be in the certificate; empty: any will do.
  void start_tls(std::shared_ptr<const TlsContext> context, const std::string& name, SteadyTime until);
  void close() noexcept;

  // Waiting ends as if time were up when this descriptor is readable; negative: no longer.
  void give_up_when_readable(int descriptor) { stop_ = descriptor; }

  void write(std::string_view bytes, SteadyTime until);
  // At least one byte; 0 means that the server has closed the connection.
  std::size_t read(std::span<char> into, SteadyTime until);
  // How much of it is taken at once, possibly nothing. Without TLS only.
  std::size_t write_now(std::string_view bytes);
  // What is there already: possibly nothing, which is no end (`ended` tells).
  std::size_t read_now(std::span<char> into, bool& ended);

  int descriptor() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  bool has_tls() const { return tls_ != nullptr; }

 private:
  bool try_address(const ::addrinfo& address, SteadyTime until, std::string& error);
  void await(short events, SteadyTime until, std::string_view what) const;
  // Steps of TLS: what OpenSSL waits for (POLLIN, POLLOUT), 0 when it is done.
  void begin_tls(const std::string& name);
  void end_tls() noexcept;
  short handshake();
  short tls_write(std::string_view bytes, std::size_t& count);
  short tls_read(std::span<char> into, std::size_t& count, bool& ended);

  int descriptor_ = -1;
  int stop_ = -1;
  short wants_ = 0;  // what the latest `read_now` would wait for
  std::shared_ptr<const TlsContext> context_;
  SslHandle tls_;
};

}  // namespace meerkat
