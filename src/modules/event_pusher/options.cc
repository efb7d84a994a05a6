// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/options.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/http/message.h"

namespace meerkat {
namespace {

using namespace config;

Section<HttpPusherOptions> http_section() {
  using H = HttpPusherHandler;
  const auto handler =
      Section<H>{"modules.mod_event_pusher.http.handlers", "Who is told of messages."}
          .option("pool_name", &H::pool_name, "The tag of the pool of the service, below [outgoing_pools.http].",
                  non_empty, also_called("pool_tag"))
          .option(
              "path", &H::path, "What comes after the path_prefix of the pool; a slash at its beginning is left out.",
              must_be("a path: percent-encoded, without spaces and \"#\"", http::is_path), example("\"notifications\""))
          .ignored("callback_module", "Callbacks are modules in Erlang; what the default one does is done.");
  return Section<HttpPusherOptions>{"modules.mod_event_pusher.http",
                                    "Web services that are told of the chat messages of users here."}
      .list("handlers", &HttpPusherOptions::handlers, handler)
      .check([](const HttpPusherOptions& options, Checker& checker) {
        const auto& all = options.handlers;
        for (std::size_t i = 0; i < all.size(); ++i)
          if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) !=
              all.begin() + static_cast<std::ptrdiff_t>(i))
            return checker.refuse("handlers", "two handlers are the same — leave one out");
      });
}

template <class Exchange>
Section<Exchange> exchange_section(std::string_view path, std::string_view sentence, Exchange defaults) {
  return Section<Exchange>{path, sentence, std::move(defaults)}
      .option("name", &Exchange::name, "The name of the exchange; it is made if it is not there.", non_empty)
      .option("type", &Exchange::type, "Its type.", one_of("topic", "direct", "fanout", "headers"))
      .option("durable", &Exchange::durable, "Whether it is still there after a restart of the broker.");
}

Section<MessageExchange> messages_section(std::string_view path, std::string_view sentence, const std::string& name) {
  using E = MessageExchange;
  MessageExchange defaults{.name = name, .sent_topic = name + "_sent", .recv_topic = name + "_recv"};
  return exchange_section<E>(path, sentence, std::move(defaults))
      .option("sent_topic", &E::sent_topic, "The end of the routing key of messages that users here send.", non_empty)
      .option("recv_topic", &E::recv_topic, "The end of the routing key of messages that users here get.", non_empty);
}

Section<RabbitPusherOptions> rabbit_section() {
  using R = RabbitPusherOptions;
  return Section<R>{"modules.mod_event_pusher.rabbit",
                    "Exchanges of the broker of [outgoing_pools.rabbit.event_pusher]."}
      .section("presence_exchange", &R::presence_exchange,
               exchange_section<PresenceExchange>("modules.mod_event_pusher.rabbit.presence_exchange",
                                                  "Who comes and goes. Without this table it is not told.", {}))
      .section("chat_msg_exchange", &R::chat_msg_exchange,
               messages_section("modules.mod_event_pusher.rabbit.chat_msg_exchange",
                                "Messages between two. Without this table they are not told.", "chat_msg"))
      .section("groupchat_msg_exchange", &R::groupchat_msg_exchange,
               messages_section("modules.mod_event_pusher.rabbit.groupchat_msg_exchange",
                                "Messages of rooms. Without this table they are not told.", "groupchat_msg"));
}

}  // namespace

std::vector<NeededPool> EventPusherOptions::needed_pools() const {
  std::vector<NeededPool> needed;
  if (rabbit) needed.push_back({"rabbit", "rabbit", "event_pusher"});
  if (!http) return needed;
  for (std::size_t i = 0; i < http->handlers.size(); ++i)
    needed.push_back({fmt::format("http.handlers[{}].pool_name", i), "http", http->handlers[i].pool_name});
  return needed;
}

Section<EventPusherOptions> event_pusher_section() {
  using O = EventPusherOptions;
  return Section<O>{"modules.mod_event_pusher", "Tells services outside what users here do."}
      .section("http", &O::http, http_section())
      .section("rabbit", &O::rabbit, rabbit_section())
      .ignored("push", "Push notifications (XEP-0357) are not sent yet.")
      .ignored("sns", "Amazon's SNS is not told.");
}

}  // namespace meerkat
