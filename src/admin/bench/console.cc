// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/console.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

namespace meerkat::bench {
namespace {

constexpr std::size_t bar_width = 30;
constexpr std::chrono::milliseconds time_between_bars{100};

}  // namespace

Console::Console() : terminal_(::isatty(STDERR_FILENO) == 1) {
  ::sigemptyset(&signals_);
  ::sigaddset(&signals_, SIGINT);
  ::sigaddset(&signals_, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Console::~Console() {
  clear_progress();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Console::interrupted_within(std::chrono::milliseconds time) {
  const timespec longest{.tv_sec = static_cast<std::time_t>(time.count() / 1000),
                         .tv_nsec = static_cast<long>(time.count() % 1000) * 1'000'000};
  if (::sigtimedwait(&signals_, nullptr, &longest) > 0) interrupted_ = true;
  return interrupted_;
}

void Console::progress(std::string_view what, std::uint64_t done, std::uint64_t all, std::string_view unit) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - drawn_at_ < time_between_bars) return;
  drawn_ = true;
  drawn_at_ = now;
  const auto filled = static_cast<std::size_t>(all == 0 ? 0 : std::min(done, all) * bar_width / all);
  const std::string line = fmt::format("\r\x1b[K{} [{}{}] {}/{} {}", what, std::string(filled, '#'),
                                       std::string(bar_width - filled, '-'), done, all, unit);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

void Console::clear_progress() {
  if (!drawn_) return;
  drawn_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace meerkat::bench
