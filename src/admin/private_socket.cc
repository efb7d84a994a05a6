// SPDX-License-Identifier: Apache-2.0
#include "admin/private_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace meerkat::admin {
namespace {

constexpr int backlog = 128;
constexpr mode_t owner_only = 0600;

std::string because(const std::filesystem::path& path, std::string_view why) {
  return fmt::format("cannot open the administration socket {}: {}", path.string(), why);
}

std::string taken(const std::filesystem::path& path) {
  return because(path, "another server has it; stop that one, or give this one another directory or admin.socket");
}

// A dead server's file is in the way of bind; whatever else is there is left alone.
std::expected<void, std::string> make_way(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode))
    return std::unexpected(because(path, "something else is there; move it away, or set admin.socket"));
  if (::unlink(path.c_str()) == 0) return {};
  return std::unexpected(because(path, std::strerror(errno)));
}

}  // namespace

std::expected<PrivateSocket, std::string> PrivateSocket::open(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path)
    return std::unexpected(
        because(path, fmt::format("the path is longer than {} bytes; set admin.socket to a shorter one",
                                  sizeof address.sun_path - 1)));
  std::memcpy(address.sun_path, path.c_str(), path.native().size());

  const std::string lock_path = path.string() + ".lock";
  PrivateSocket socket{path, ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only)};
  if (socket.lock_ < 0) return std::unexpected(because(path, std::strerror(errno)));
  if (::flock(socket.lock_, LOCK_EX | LOCK_NB) != 0) return std::unexpected(taken(path));
  if (auto free = make_way(path); !free) return std::unexpected(free.error());

  socket.descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket.descriptor_ < 0) return std::unexpected(because(path, std::strerror(errno)));
  // The file that bind makes gets the mode of the socket, so there is no moment in which others may connect.
  ::fchmod(socket.descriptor_, owner_only);
  if (::bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::unexpected(because(path, std::strerror(errno)));
  socket.bound_ = true;
  if (::chmod(path.c_str(), owner_only) != 0 || ::listen(socket.descriptor_, backlog) != 0)
    return std::unexpected(because(path, std::strerror(errno)));
  return socket;
}

PrivateSocket::PrivateSocket(PrivateSocket&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      bound_(std::exchange(other.bound_, false)) {}

PrivateSocket::~PrivateSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (bound_) ::unlink(path_.c_str());
  // The lock's file stays: whoever opens it next finds it free.
  if (lock_ >= 0) ::close(lock_);
}

int PrivateSocket::release() noexcept { return std::exchange(descriptor_, -1); }

std::expected<Peer, std::string> peer_of(int descriptor) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return std::unexpected(std::strerror(errno));
  return Peer{credentials.uid, credentials.pid};
}

}  // namespace meerkat::admin
