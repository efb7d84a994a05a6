// SPDX-License-Identifier: Apache-2.0
// The `tls` table of a listener, with MongooseIM's keys.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "net/tls_context.h"

namespace meerkat {

enum class TlsMode : std::uint8_t { none, starttls, starttls_required, tls };

// A certificate of its own for one domain, chosen by the name the client asks for (RFC 6066 §3).
struct DomainCertificateSettings {
  std::string domain;
  std::filesystem::path certfile, keyfile;
};

struct TlsSettings {
  TlsMode mode = TlsMode::starttls;
  std::optional<std::filesystem::path> certfile, keyfile, cacertfile, dhfile;
  std::string password, ciphers;
  std::vector<std::string> versions;
  std::optional<TlsOptions::Verify> verify_mode;
  bool disconnect_on_failure = true;
  std::vector<std::filesystem::path> crl_files;
  std::optional<std::string> session_tickets;
  std::vector<DomainCertificateSettings> domains;
  bool keep_secrets = false;
  bool lean_records = true;
  std::vector<std::string> alpn{"xmpp-client"};  // what the listener speaks (RFC 7301); no option
};

// `certfile` may be absent: the server then makes a certificate of its own in its data directory.
config::Section<TlsSettings> tls_section();
// The same for listeners where TLS comes first in any case: without `mode`.
config::Section<TlsSettings> https_section();

// For TlsContext::make; without the files that the settings do not name.
TlsOptions tls_options(const TlsSettings& settings);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::TlsMode> {
  using enum meerkat::TlsMode;
  static constexpr EnumName names[] = {{starttls, "starttls"}, {starttls_required, "starttls_required"}, {tls, "tls"}};
};

template <>
struct meerkat::config::EnumNames<meerkat::TlsOptions::Verify> {
  using enum meerkat::TlsOptions::Verify;
  static constexpr EnumName names[] = {{peer, "peer"}, {selfsigned_peer, "selfsigned_peer"}, {none, "none"}};
};
