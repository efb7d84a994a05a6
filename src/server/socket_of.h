// SPDX-License-Identifier: Apache-2.0
// Where the administration socket is of a server that has a configuration file.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace meerkat {

// Looks at the tables that say so and at nothing else: the rest may name files that the caller may not read. The error
// is a sentence.
std::expected<std::filesystem::path, std::string> admin_socket_of(const std::filesystem::path& configuration);

}  // namespace meerkat
