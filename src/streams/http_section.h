// SPDX-License-Identifier: Apache-2.0
// [[listen.http]], with MongooseIM's keys and defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "config/section.h"
#include "core/http_handler_entry.h"
#include "net/listen_section.h"
#include "net/tls_section.h"

namespace meerkat {

struct HttpTransportSettings {
  config::Limit<std::uint32_t> max_connections = 1024u;
};

struct HttpProtocolSettings {
  bool compress = false;
  std::chrono::milliseconds request_timeout{10000};
  std::chrono::milliseconds idle_timeout{60000};
};

struct HttpListenSettings {
  ListenPlace place;
  HttpTransportSettings transport;
  HttpProtocolSettings protocol;
  std::optional<TlsSettings> tls;
  HttpHandlersSettings handlers;
};

// A kind that MongooseIM has and Meerkat has not, yet or no more: accepted with a warning.
struct OtherHttpHandler {
  std::string_view name;
  std::string_view sentence;
};

config::Section<HttpListenSettings> http_section(std::span<const HttpHandlerEntry> kinds,
                                                 std::span<const OtherHttpHandler> others);

}  // namespace meerkat
