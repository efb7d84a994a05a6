// SPDX-License-Identifier: Apache-2.0
// Tells a web service of chat messages that users here send.
#pragma once

#include <memory>
#include <string>

#include "modules/event_pusher/event_queue.h"
#include "store/http/message.h"

namespace meerkat {

// A POST for each, with the fields author, server, receiver and message. `path` comes after the pool's prefix. The
// service outlives the queue. On the worker of the hall.
std::shared_ptr<EventQueue> make_http_pusher(Hall& hall, http::Service& service, const std::string& pool,
                                             const std::string& path);

}  // namespace meerkat
