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
#include "net/listen_section.h"
#include "net/tls_section.h"

namespace meerkat {

struct C2sListenSettings {
  ListenPlace place;
  config::Limit<config::Bytes> max_stanza_size = config::Bytes{262144};
  config::Limit<std::chrono::milliseconds> state_timeout = std::chrono::milliseconds{5000};
  bool backwards_compatible_session = true;
  std::string access = "all";
  std::optional<std::vector<AuthMethod>> allowed_auth_methods;
  std::string shaper = "none";
  config::Limit<std::uint32_t> max_connections = config::infinity;
  std::optional<TlsSettings> tls;
};

config::Section<C2sListenSettings> c2s_section();

}  // namespace meerkat
