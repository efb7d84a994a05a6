// SPDX-License-Identifier: Apache-2.0
// [[listen.c2s]], with MongooseIM's keys and defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "core/login_offer.h"
#include "net/tls_section.h"

namespace meerkat {

struct C2sListenSettings {
  std::uint16_t port = 0;
  std::string ip_address = "0.0.0.0";
  std::optional<std::uint8_t> ip_version;
  std::uint32_t backlog = 1024;
  config::Limit<config::Bytes> max_stanza_size = config::Bytes{262144};
  config::Limit<std::chrono::milliseconds> state_timeout = std::chrono::milliseconds{5000};
  bool backwards_compatible_session = true;
  std::string access = "all";
  std::optional<std::vector<AuthMethod>> allowed_auth_methods;
  std::string shaper = "none";
  bool proxy_protocol = false;
  config::Limit<std::uint32_t> max_connections = config::infinity;
  std::optional<TlsSettings> tls;

  // ip_version alone says which addresses: all of that version.
  std::string listen_address() const { return ip_version == 6 && ip_address == "0.0.0.0" ? "::" : ip_address; }
};

config::Section<C2sListenSettings> c2s_section();

}  // namespace meerkat
