// SPDX-License-Identifier: Apache-2.0
// A second handle on the socket of a session, for somebody on another thread who wants what is under way to end: the
// driver may close its own at any time, and the number of it may be somebody else's then.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <utility>

namespace meerkat::sql {

class CutOff {
 public:
  CutOff() = default;
  ~CutOff() { forget(); }
  CutOff(const CutOff&) = delete;
  CutOff& operator=(const CutOff&) = delete;

  // The session's thread: it is connected. Without a descriptor left nobody can cut it off.
  void remember(int socket) noexcept {
    const std::lock_guard lock{mutex_};
    replace(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  }
  void forget() noexcept {
    const std::lock_guard lock{mutex_};
    replace(-1);
  }
  // Any thread: who reads from the connection meets its end.
  void interrupt() noexcept {
    const std::lock_guard lock{mutex_};
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  }

 private:
  void replace(int socket) noexcept {
    if (const int old = std::exchange(socket_, socket); old >= 0) ::close(old);
  }

  std::mutex mutex_;
  int socket_ = -1;
};

}  // namespace meerkat::sql
