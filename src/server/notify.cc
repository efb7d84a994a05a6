// SPDX-License-Identifier: Apache-2.0
#include "server/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "base/json_text.h"

namespace meerkat {
namespace {

void tell(std::string_view lines) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // Linux's abstract namespace, unix(7)
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  // Nobody to complain to: whoever asked for the message is gone, or notices that it is missing.
  static_cast<void>(::sendto(descriptor, lines.data(), lines.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
  ::close(descriptor);
}

std::optional<std::int64_t> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const std::string_view digits{text};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

std::string notify_line(std::string_view key, std::string_view value) {
  std::string line{key};
  line += '=';
  append_escaped(line, value);
  return line += '\n';
}

void notify_ready(std::string_view status) { tell("READY=1\n" + notify_line("STATUS", status)); }

void notify_reloading() {
  // systemd compares the time with its own, so both must be CLOCK_MONOTONIC, which steady_clock is.
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the configuration again\n", now.count()));
}

void notify_stopping() { tell("STOPPING=1\nSTATUS=saying goodbye to the clients\n"); }
void notify_status(std::string_view status) { tell(notify_line("STATUS", status)); }
void notify_watchdog() { tell("WATCHDOG=1\n"); }

std::optional<std::chrono::microseconds> wanted_watchdog_interval() {
  const auto microseconds = number_in("WATCHDOG_USEC");
  if (!microseconds) return std::nullopt;
  const auto process = number_in("WATCHDOG_PID");
  if (process && *process != ::getpid()) return std::nullopt;  // meant for our parent
  return std::chrono::microseconds{*microseconds};
}

}  // namespace meerkat
