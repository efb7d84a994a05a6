// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "xmpp/sasl_crypto.h"

namespace meerkat::admin {
namespace {

constexpr std::size_t longest_password = 8 * 1024;

// Byte by byte, so that what follows stays where it is.
std::optional<std::string> read_line(int descriptor) {
  std::string line;
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(descriptor, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 || (count == 0 && line.empty())) return std::nullopt;
    if (count == 0 || byte == '\n') break;
    line += byte;
    if (line.size() > longest_password) return std::nullopt;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// The terminal of this process, with its echo off until it goes.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &usual_) != 0) return;
    termios silent = usual_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (silent_) ::tcsetattr(descriptor_, TCSAFLUSH, &usual_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  bool is_silent() const { return silent_; }
  std::optional<std::string> ask(std::string_view question) {
    say(question);
    auto line = read_line(descriptor_);
    say("\n");
    return line;
  }

 private:
  void say(std::string_view text) {
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, text.data(), text.size());
  }

  int descriptor_;
  termios usual_{};
  bool silent_ = false;
};

}  // namespace

std::expected<std::string, std::string> password_from_stdin() {
  auto line = read_line(STDIN_FILENO);
  if (!line) return std::unexpected("there is no password on standard input");
  return std::move(*line);
}

std::expected<std::string, std::string> password_from_terminal(Asked asked) {
  SilentTerminal terminal;
  if (!terminal.is_silent())
    return std::unexpected("there is no terminal to ask for the password: use --password-stdin");
  auto password = terminal.ask("Password: ");
  if (!password) return std::unexpected("no password was given");
  if (asked == Asked::once) return std::move(*password);
  auto again = terminal.ask("Once more: ");
  const bool same = again == password;
  if (again) wipe(*again);
  if (!same) return std::unexpected("the two passwords differ; nothing was done");
  return std::move(*password);
}

}  // namespace meerkat::admin
