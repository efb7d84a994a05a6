// SPDX-License-Identifier: Apache-2.0
#include "net/inherited_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace meerkat {
namespace {

constexpr int first_descriptor = 3;  // SD_LISTEN_FDS_START
constexpr int most_descriptors = 1000;

std::optional<int> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits{text};
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() ? std::optional{number} : std::nullopt;
}

// The next of names that are separated by colons.
std::string next_name(std::string_view& names) {
  const auto colon = names.find(':');
  std::string name{names.substr(0, colon)};
  names = colon == std::string_view::npos ? std::string_view{} : names.substr(colon + 1);
  return name.empty() ? "unnamed" : name;
}

bool is_listening_tcp(int descriptor) {
  int listens = 0, type = 0, domain = 0;
  socklen_t size = sizeof(int);
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
         ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
         ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         (domain == AF_INET || domain == AF_INET6);
}

}  // namespace

InheritedSockets InheritedSockets::from_environment() {
  InheritedSockets inherited;
  const std::optional<int> process = number_in("LISTEN_PID"), count = number_in("LISTEN_FDS");
  const char* const named = std::getenv("LISTEN_FDNAMES");
  const std::string kept = named != nullptr ? named : "";
  std::string_view names = kept;
  // Children must not take them for theirs.
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  if (process != ::getpid() || !count) return inherited;
  for (int i = 0; i < std::min(*count, most_descriptors); ++i) {
    const int descriptor = first_descriptor + i;
    std::string name = next_name(names);
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) continue;  // promised, and not there
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    inherited.sockets_.push_back({descriptor, std::move(name)});
  }
  return inherited;
}

InheritedSockets::InheritedSockets(InheritedSockets&& other) noexcept : sockets_(std::exchange(other.sockets_, {})) {}

InheritedSockets::~InheritedSockets() {
  for (const Socket& socket : sockets_) ::close(socket.descriptor);
}

std::vector<int> InheritedSockets::take(const ListenAddress& address, std::size_t count) {
  std::vector<Socket*> fitting;
  for (Socket& socket : sockets_)
    if (is_listening_tcp(socket.descriptor) && listens_on(socket.descriptor, address)) fitting.push_back(&socket);
  std::vector<int> taken;
  if (fitting.empty()) return taken;
  for (Socket* socket : fitting) {
    set_listening_options(socket->descriptor);
    socket->taken = true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const int copy = ::fcntl(fitting[i % fitting.size()]->descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0) taken.push_back(copy);
  }
  return taken;
}

std::vector<std::string> InheritedSockets::left_over() const {
  std::vector<std::string> left;
  for (const Socket& socket : sockets_) {
    if (socket.taken) continue;
    const std::string where =
        is_listening_tcp(socket.descriptor) ? address_of(socket.descriptor) : "not a listening TCP socket";
    left.push_back(socket.name + " (" + where + ")");
  }
  return left;
}

}  // namespace meerkat
