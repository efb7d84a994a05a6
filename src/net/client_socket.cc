// SPDX-License-Identifier: Apache-2.0
#include "net/client_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace meerkat {
namespace {

std::string words(int error) { return std::generic_category().message(error); }

struct FreeAddresses {
  void operator()(::addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

}  // namespace

void ClientSocket::await(short events, SteadyTime until, std::string_view what) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    ::pollfd watched[] = {{descriptor_, events, 0}, {stop_, POLLIN, 0}};  // poll passes over what is negative
    const int ready = ::poll(watched, 2, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000)));
    if (ready > 0 && watched[1].revents != 0) throw SocketTimeout{std::string{what} + ": given up"};
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw std::runtime_error{"poll: " + words(errno)};
    if (ready == 0) throw SocketTimeout{std::string{what} + ": no answer in time"};
  }
}

void ClientSocket::connect(const std::string& host, std::uint16_t port, SteadyTime until) {
  close();
  const ::addrinfo wanted{.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};
  ::addrinfo* list = nullptr;
  if (const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list); failure != 0)
    throw std::runtime_error{"cannot find " + host + ": " + ::gai_strerror(failure)};
  const std::unique_ptr<::addrinfo, FreeAddresses> addresses{list};
  std::string error = "no address";
  int left = 0;
  for (const ::addrinfo* address = list; address != nullptr; address = address->ai_next) ++left;
  for (const ::addrinfo* address = list; address != nullptr; address = address->ai_next) {
    // One that does not answer leaves time for the others.
    const SteadyTime now = std::chrono::steady_clock::now();
    if (try_address(*address, now + (until - now) / left--, error)) return;
  }
  throw std::runtime_error{"cannot connect to " + host + " port " + std::to_string(port) + ": " + error};
}

bool ClientSocket::try_address(const ::addrinfo& address, SteadyTime until, std::string& error) {
  descriptor_ = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (descriptor_ < 0) {
    error = words(errno);
    return false;
  }
  int failure = ::connect(descriptor_, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (failure == EINPROGRESS) {
    try {
      await(POLLOUT, until, "connect");
      ::socklen_t size = sizeof failure;
      ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &failure, &size);
    } catch (const SocketTimeout&) {
      failure = ETIMEDOUT;
    }
  }
  if (failure == 0) {
    const int yes = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    return true;
  }
  error = words(failure);
  close();
  return false;
}

void ClientSocket::start_tls(std::shared_ptr<const TlsContext> context, const std::string& name, SteadyTime until) {
  context_ = std::move(context);
  begin_tls(name);
  while (const short events = handshake()) await(events, until, "TLS handshake");
}

void ClientSocket::close() noexcept {
  end_tls();
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void ClientSocket::write(std::string_view bytes, SteadyTime until) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    short events = POLLOUT;
    if (tls_) {
      events = tls_write(bytes, count);
    } else {
      count = write_now(bytes);
    }
    bytes.remove_prefix(count);
    if (count == 0) await(events, until, "write");
  }
}

std::size_t ClientSocket::write_now(std::string_view bytes) {
  const ::ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error{"write: " + words(errno)};
  return static_cast<std::size_t>(std::max<::ssize_t>(sent, 0));
}

std::size_t ClientSocket::read(std::span<char> into, SteadyTime until) {
  if (!tls_) await(POLLIN, until, "read");  // seldom has it come already
  for (;;) {
    bool ended = false;
    const std::size_t count = read_now(into, ended);
    if (count > 0 || ended) return count;
    await(wants_, until, "read");
  }
}

std::size_t ClientSocket::read_now(std::span<char> into, bool& ended) {
  wants_ = POLLIN;
  std::size_t count = 0;
  if (tls_) {
    if (const short events = tls_read(into, count, ended)) wants_ = events;
    return count;
  }
  const ::ssize_t got = ::recv(descriptor_, into.data(), into.size(), 0);
  if (got < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error{"read: " + words(errno)};
  ended = got == 0;
  return static_cast<std::size_t>(std::max<::ssize_t>(got, 0));
}

}  // namespace meerkat
