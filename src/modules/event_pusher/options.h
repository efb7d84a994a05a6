// SPDX-License-Identifier: Apache-2.0
// [modules.mod_event_pusher]: where events go, with MongooseIM's keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "core/module_entry.h"

namespace meerkat {

struct HttpPusherHandler {
  std::string pool_name = "http_pool";
  std::string path;

  friend bool operator==(const HttpPusherHandler&, const HttpPusherHandler&) = default;
};

struct HttpPusherOptions {
  std::vector<HttpPusherHandler> handlers;
};

struct PresenceExchange {
  std::string name = "presence";
  std::string type = "topic";
  bool durable = false;
};

struct MessageExchange {
  std::string name;
  std::string type = "topic";
  bool durable = false;
  std::string sent_topic, recv_topic;
};

// What has no exchange is not pushed.
struct RabbitPusherOptions {
  std::optional<PresenceExchange> presence_exchange;
  std::optional<MessageExchange> chat_msg_exchange, groupchat_msg_exchange;

  bool hears_messages() const { return chat_msg_exchange || groupchat_msg_exchange; }
};

struct EventPusherOptions {
  std::optional<HttpPusherOptions> http;
  std::optional<RabbitPusherOptions> rabbit;

  std::vector<NeededPool> needed_pools() const;
};

config::Section<EventPusherOptions> event_pusher_section();

}  // namespace meerkat
