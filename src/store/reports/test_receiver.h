// SPDX-License-Identifier: Apache-2.0
// Test support: a socket on loopback that takes what is sent to it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"

namespace meerkat::reports {

// SOCK_STREAM or SOCK_DGRAM. One thread; its calls wait until something comes.
class TestReceiver {
 public:
  explicit TestReceiver(int type) : listening_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof address;
    check(::bind(listening_, reinterpret_cast<const ::sockaddr*>(&address), size) == 0, "loopback has a free port");
    ::getsockname(listening_, reinterpret_cast<::sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (type == SOCK_STREAM) ::listen(listening_, 8);
  }
  ~TestReceiver() {
    hang_up();
    ::close(listening_);
  }
  TestReceiver(const TestReceiver&) = delete;
  TestReceiver& operator=(const TestReceiver&) = delete;

  std::uint16_t port() const { return port_; }
  void accept() { connection_ = ::accept(listening_, nullptr, nullptr); }
  void hang_up() {
    if (connection_ >= 0) ::close(connection_);
    connection_ = -1;
  }
  std::string read(std::size_t count) {
    std::string bytes(count, '\0');
    const ::ssize_t got = ::recv(connection_, bytes.data(), count, MSG_WAITALL);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  std::string datagram() {
    std::array<char, 65536> bytes;
    const ::ssize_t got = ::recv(listening_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), got < 0 ? 0 : static_cast<std::size_t>(got)};
  }

 private:
  int listening_;
  int connection_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace meerkat::reports
