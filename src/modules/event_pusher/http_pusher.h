// SPDX-License-Identifier: Apache-2.0
// Tells a web service of chat messages that users here send.
#pragma once

#include <memory>

#include "modules/event_pusher/event_queue.h"
#include "modules/event_pusher/options.h"
#include "store/http/message.h"

namespace meerkat {

// A POST for each, with the fields author, server, receiver and message. The path of the handler comes after the prefix
// of the pool, which bounds the queue, if there is one. Service and pool outlive the queue. On the worker of the host
// type.
std::shared_ptr<EventQueue> make_http_pusher(HostType& host, http::Service& service, OutgoingPool* pool,
                                             const HttpPusherHandler& handler);

}  // namespace meerkat
