// SPDX-License-Identifier: Apache-2.0
// What all listeners are told: where they listen, and who may come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/section.h"
#include "net/listener.h"

namespace meerkat {

struct ListenPlace {
  std::uint16_t port = 0;
  std::string ip_address = "0.0.0.0";
  std::optional<std::uint8_t> ip_version;
  std::uint32_t backlog = 1024;
  bool proxy_protocol = false;

  // ip_version alone says which addresses: all of that version.
  ListenAddress address() const {
    return {.ip = ip_version == 6 && ip_address == "0.0.0.0" ? "::" : ip_address,
            .port = port,
            .backlog = static_cast<int>(backlog)};
  }
};

// For Section::include.
config::Section<ListenPlace> listen_place_section(std::string_view example_port);

}  // namespace meerkat
