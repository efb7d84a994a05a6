// SPDX-License-Identifier: Apache-2.0
#include "store/reports/datagram_socket.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace meerkat::reports {
namespace {

struct FreeAddresses {
  void operator()(::addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

std::runtime_error failure(const std::string& whom, int error) {
  return std::runtime_error{fmt::format("cannot send to {}: {}", whom, std::generic_category().message(error))};
}

}  // namespace

DatagramSocket::DatagramSocket(const std::string& host, std::uint16_t port)
    : whom_(fmt::format("{} port {}", host, port)) {
  const ::addrinfo wanted{.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_DGRAM};
  ::addrinfo* list = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list); problem != 0)
    throw std::runtime_error{fmt::format("cannot find {}: {}", host, ::gai_strerror(problem))};
  const std::unique_ptr<::addrinfo, FreeAddresses> addresses{list};
  int error = EADDRNOTAVAIL;
  for (const ::addrinfo* address = list; address != nullptr; address = address->ai_next) {
    descriptor_ = ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
    if (descriptor_ >= 0 && ::connect(descriptor_, address->ai_addr, address->ai_addrlen) == 0) return;
    error = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  throw failure(whom_, error);
}

DatagramSocket::~DatagramSocket() { ::close(descriptor_); }

void DatagramSocket::send(std::string_view datagram) {
  if (::send(descriptor_, datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) throw failure(whom_, errno);
}

void DatagramSocket::check_refusal() {
  int error = 0;
  ::socklen_t size = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) throw failure(whom_, error);
}

}  // namespace meerkat::reports
