// SPDX-License-Identifier: Apache-2.0
// The screen and the keyboard of whoever watches. Plain ANSI, so it works over ssh and in every multiplexer.
#pragma once

#include <termios.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace meerkat::admin {

struct ScreenSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

// Whether somebody asked this process to end (SIGINT, SIGTERM, SIGHUP) since `Interruption` was made.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  static bool came();
  // Sleeps so long, or until it comes.
  static void wait(std::chrono::milliseconds time);
};

// Whether standard input and output are a terminal.
bool is_terminal();
// Whether it shows more than ASCII, as the locale says.
bool shows_unicode();
ScreenSize screen_size();

// The whole screen, until it goes; what was there before is shown again then.
class Screen {
 public:
  static constexpr char interrupted = 3;  // Ctrl-C

  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // As many lines as there is room for. They are printable, and not wider than the screen.
  void show(const std::vector<std::string>& lines) const;
  // Waits so long for a key; nothing when none came, or the size of the screen has changed.
  std::optional<char> key(std::chrono::milliseconds time) const;

 private:
  termios usual_{};
  bool is_raw_ = false;
};

}  // namespace meerkat::admin
