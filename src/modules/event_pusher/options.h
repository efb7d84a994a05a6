// SPDX-License-Identifier: Apache-2.0
// [modules.mod_event_pusher]: where events go, with MongooseIM's keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/section.h"

namespace meerkat {

struct HttpPusherHandler {
  std::string pool_name = "http_pool";
  std::string path;

  friend bool operator==(const HttpPusherHandler&, const HttpPusherHandler&) = default;
};

struct HttpPusherOptions {
  std::vector<HttpPusherHandler> handlers;
};

struct EventPusherOptions {
  std::optional<HttpPusherOptions> http;
};

config::Section<EventPusherOptions> event_pusher_section();

}  // namespace meerkat
