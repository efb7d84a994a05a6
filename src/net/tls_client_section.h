// SPDX-License-Identifier: Apache-2.0
// The `tls` table of a connection that the server makes itself, with MongooseIM's keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "net/tls_context.h"
#include "net/tls_section.h"

namespace meerkat {

struct ServerNameSettings {
  enum class Match : std::uint8_t { usual, https };

  bool enabled = true;
  std::optional<std::string> host;
  Match protocol = Match::usual;
};

struct TlsClientSettings {
  TlsOptions::Verify verify_mode = TlsOptions::Verify::peer;
  std::optional<std::filesystem::path> certfile, keyfile, cacertfile;
  std::string password, ciphers;
  std::vector<std::string> versions;
  std::vector<std::filesystem::path> crl_files;
  ServerNameSettings server_name_indication;

  // The name that the server is asked for, and that its certificate must have; empty when neither is wanted.
  // `host` is what we connect to.
  std::string server_name(const std::string& host) const;
};

config::Section<TlsClientSettings> tls_client_section();

// For TlsContext::make with TlsRole::client.
TlsOptions tls_options(const TlsClientSettings& settings);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::ServerNameSettings::Match> {
  using enum meerkat::ServerNameSettings::Match;
  static constexpr EnumName names[] = {{usual, "default"}, {https, "https"}};
};
