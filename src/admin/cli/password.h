// SPDX-License-Identifier: Apache-2.0
// How a password gets from a person to a command without being seen.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace meerkat::admin {

enum class Asked : std::uint8_t { once, twice };

// The first line of standard input.
std::expected<std::string, std::string> password_from_stdin();
// Asks at the terminal, without echo; twice for a new one. The error says what to do where there is no terminal.
std::expected<std::string, std::string> password_from_terminal(Asked asked);

}  // namespace meerkat::admin
