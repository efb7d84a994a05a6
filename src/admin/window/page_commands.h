// SPDX-License-Identifier: Apache-2.0
// What the page may have done: commands of the office, by name. What is not listed here cannot be reached through it,
// however the table of commands grows.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "admin/commands.h"

namespace meerkat::admin {

// No table that is sent to a browser has more rows; the page asks for what it shows, in pieces.
inline constexpr std::size_t most_rows_for_page = 2000;

std::span<const std::string_view> commands_of_page();
bool is_command_of_page(std::string_view full_name);

// One line of JSON, in the form that the private socket has too (admin/wire.h). `line` is the request in that form.
// On the worker of the office.
Task<std::string> answer_page(std::span<const Command> commands, const Premises& premises, std::string line,
                              std::string who);

}  // namespace meerkat::admin
