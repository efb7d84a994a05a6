// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/rabbit_pusher.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"

namespace meerkat {
namespace {

using What = PushedEvent::What;

constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();  // but that of bytes

const std::optional<MessageExchange>& exchange_for(const PushedEvent& event, const RabbitPusherOptions& options) {
  static const std::optional<MessageExchange> none;
  if (event.type == StanzaType::chat) return options.chat_msg_exchange;
  return event.type == StanzaType::groupchat ? options.groupchat_msg_exchange : none;
}

std::string json_of_message(const PushedEvent& event) {
  return "{\"from_user_id\":" + json_string(event.from.text()) + ",\"to_user_id\":" + json_string(event.to.text()) +
         ",\"message\":" + json_string(event.body) + "}";
}

std::string json_of_presence(const PushedEvent& event) {
  return "{\"user_id\":" + json_string(event.from.text()) +
         ",\"present\":" + (event.what == What::present ? "true" : "false") + "}";
}

class RabbitPusher final : public EventQueue {
 public:
  RabbitPusher(Hall& hall, amqp::Client& broker, RabbitPusherOptions options)
      : EventQueue(hall, "rabbit.event_pusher", event_queue_limits(broker.pool(), no_bound, 1), &broker.pool()),
        broker_(broker),
        options_(std::move(options)) {}

  bool wants(const PushedEvent& event) const override {
    if (!event.is_message()) return options_.presence_exchange.has_value();
    return exchange_for(event, options_).has_value();
  }

 private:
  Task<> push(const PushedEvent& event) override {
    const std::uint64_t life = life_of_broker();
    if (made_in_ != life) {
      co_await make_exchanges();
      made_in_ = life;
    }
    co_await broker_.publish(rabbit_message(event, options_));
  }

  // Another number when exchanges may have gone: the broker was away, or did not know the one that was named.
  std::uint64_t life_of_broker() {
    return 1 + broker_.pool().events().times(PoolEvent::connected) + broker_.figures().channels_closed.load();
  }

  Task<> make_exchanges() {
    std::vector<amqp::Exchange> all;
    if (const auto& one = options_.presence_exchange) all.push_back({one->name, one->type, one->durable});
    if (const auto& one = options_.chat_msg_exchange) all.push_back({one->name, one->type, one->durable});
    if (const auto& one = options_.groupchat_msg_exchange) all.push_back({one->name, one->type, one->durable});
    for (amqp::Exchange& exchange : all) co_await broker_.declare(std::move(exchange));
  }

  amqp::Client& broker_;
  const RabbitPusherOptions options_;
  std::uint64_t made_in_ = 0;
};

}  // namespace

amqp::Message rabbit_message(const PushedEvent& event, const RabbitPusherOptions& options) {
  if (!event.is_message()) {
    if (!options.presence_exchange) return {};
    return {.exchange = options.presence_exchange->name,
            .routing_key = std::string{event.from.bare_text()},
            .payload = json_of_presence(event)};
  }
  const auto& exchange = exchange_for(event, options);
  if (!exchange) return {};
  const bool is_sent = event.what == What::sent;
  const Jid& user = is_sent ? event.from : event.to;
  return {.exchange = exchange->name,
          .routing_key = std::string{user.bare_text()} + "." + (is_sent ? exchange->sent_topic : exchange->recv_topic),
          .payload = json_of_message(event)};
}

std::shared_ptr<EventQueue> make_rabbit_pusher(Hall& hall, amqp::Client& broker, RabbitPusherOptions options) {
  return std::make_shared<RabbitPusher>(hall, broker, std::move(options));
}

}  // namespace meerkat
