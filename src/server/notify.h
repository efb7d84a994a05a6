// SPDX-License-Identifier: Apache-2.0
// What systemd is told about the state of the service (sd_notify(3)): a datagram to the socket that it named in
// NOTIFY_SOCKET. Without systemd nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace meerkat {

// All of these: any thread.

// "READY=1": the start is over, or a reload. `status` is what `systemctl status` shows.
void notify_ready(std::string_view status);
// Before a reload begins; notify_ready ends it.
void notify_reloading();
void notify_stopping();
void notify_status(std::string_view status);
void notify_watchdog();

// How often systemd wants to hear from the watchdog, if it does (WatchdogSec=).
std::optional<std::chrono::microseconds> wanted_watchdog_interval();

// One line without its newlines, as the protocol wants it: "STATUS=…".
std::string notify_line(std::string_view key, std::string_view value);

}  // namespace meerkat
