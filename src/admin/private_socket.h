// SPDX-License-Identifier: Apache-2.0
// A Unix socket that only its owner and root can open, and that only one server has.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <string>

namespace meerkat::admin {

// Listens at a path until it goes. A socket file that a dead server left is replaced; that of a living one is not.
class PrivateSocket {
 public:
  // The error is a sentence for the operator.
  static std::expected<PrivateSocket, std::string> open(const std::filesystem::path& path);
  PrivateSocket(PrivateSocket&& other) noexcept;
  PrivateSocket& operator=(PrivateSocket&&) = delete;
  ~PrivateSocket();

  const std::filesystem::path& path() const { return path_; }
  // The listening descriptor, non-blocking; from now on the caller's.
  int release() noexcept;

 private:
  PrivateSocket(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_ = -1;  // a file beside the socket, locked while the server lives
  int descriptor_ = -1;
  bool bound_ = false;
};

// Who is at the other end of a connection.
struct Peer {
  uid_t uid = 0;
  pid_t pid = 0;
};
// Nothing when the kernel does not say.
std::expected<Peer, std::string> peer_of(int descriptor);

}  // namespace meerkat::admin
