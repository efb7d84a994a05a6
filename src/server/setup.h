// SPDX-License-Identifier: Apache-2.0
// `meerkat setup DOMAIN EMAIL`: a first configuration, and what else there is to do for a server on the internet.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace meerkat {

struct SetupWish {
  std::string domain;
  std::string email;  // for the certificate authority
  std::filesystem::path config = "/etc/meerkat/meerkat.toml";
  std::filesystem::path data = "/var/lib/meerkat";
  bool force = false;  // overwrites a configuration that is there
};

// The configuration that is written; it starts the server as it is.
std::string first_configuration(const SetupWish& wish);

// Certificates and DNS: what the operator has to do elsewhere.
std::string next_steps(const SetupWish& wish);

// Writes the file and makes the data directory; the answer tells what was done. The error says what to do.
std::expected<std::string, std::string> set_up(const SetupWish& wish);

}  // namespace meerkat
