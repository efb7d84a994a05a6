// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace meerkat::admin {
namespace {

volatile std::sig_atomic_t interruption_came = 0;

void interrupt(int) { interruption_came = 1; }
void size_changed(int) {}  // it ends the wait for a key

void on_signal(int number, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The other screen, the cursor hidden; and back.
constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave_screen = "\x1b[?25h\x1b[?1049l";

}  // namespace

Interruption::Interruption() {
  interruption_came = 0;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) on_signal(number, interrupt);
}

bool Interruption::came() { return interruption_came != 0; }

void Interruption::wait(std::chrono::milliseconds time) {
  if (!came()) ::poll(nullptr, 0, static_cast<int>(time.count()));
}

bool is_terminal() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1; }

bool shows_unicode() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale{value};
    return locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos;
  }
  return false;
}

ScreenSize screen_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

Screen::Screen() {
  on_signal(SIGWINCH, size_changed);
  if (::tcgetattr(STDIN_FILENO, &usual_) == 0) {
    termios raw = usual_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    is_raw_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
  }
  write_all(enter_screen);
}

Screen::~Screen() {
  write_all(leave_screen);
  if (is_raw_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual_);
}

void Screen::show(const std::vector<std::string>& lines) const {
  const std::size_t rows = screen_size().rows;
  std::string bytes = "\x1b[H";
  for (std::size_t i = 0; i < lines.size() && i < rows; ++i) bytes += (i > 0 ? "\r\n" : "") + lines[i] + "\x1b[K";
  write_all(bytes + "\x1b[J");
}

std::optional<char> Screen::key(std::chrono::milliseconds time) const {
  pollfd keyboard{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (::poll(&keyboard, 1, static_cast<int>(time.count())) <= 0) return std::nullopt;
  char key = 0;
  // A terminal that is gone has no more keys, for ever.
  return ::read(STDIN_FILENO, &key, 1) == 1 ? key : interrupted;
}

}  // namespace meerkat::admin
