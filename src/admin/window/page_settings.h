// SPDX-License-Identifier: Apache-2.0
// [admin.page]: the page for operators that the server itself serves.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "net/tls_section.h"

namespace meerkat {

struct PageSettings {
  std::optional<std::uint16_t> port;  // absent: only handlers of [[listen.http]] serve the page
  std::string ip_address = "127.0.0.1";
  std::string username, password;  // both or neither: then one has to come by `meerkat page`
  std::vector<std::string> hosts;  // names under which browsers may ask for it, beside addresses and localhost
  std::chrono::seconds idle_timeout = std::chrono::minutes{30};
  std::chrono::seconds session_lifetime = std::chrono::hours{12};
  std::optional<TlsSettings> tls;
};

config::Section<PageSettings> page_section();

}  // namespace meerkat
