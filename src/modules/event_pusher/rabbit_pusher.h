// SPDX-License-Identifier: Apache-2.0
// Tells a message broker of messages and of who comes and goes.
#pragma once

#include <memory>

#include "modules/event_pusher/event_queue.h"
#include "modules/event_pusher/options.h"
#include "store/amqp/client.h"

namespace meerkat {

// What an event becomes: its exchange, its routing key and JSON. The exchange is empty when it is not to be pushed.
amqp::Message rabbit_message(const PushedEvent& event, const RabbitPusherOptions& options);

// The broker outlives the queue. Exchanges are made before the first event, and again when the broker may have been
// started anew.
std::shared_ptr<EventQueue> make_rabbit_pusher(Hall& hall, amqp::Client& broker, RabbitPusherOptions options);

}  // namespace meerkat
