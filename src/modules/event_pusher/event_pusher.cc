// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/event_pusher.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/events/routing_events.h"
#include "core/hall.h"
#include "core/hook_count.h"
#include "core/session.h"
#include "modules/event_pusher/http_pusher.h"
#include "modules/event_pusher/options.h"
#include "modules/event_pusher/rabbit_pusher.h"
#include "store/http/client.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat {
namespace {

using What = PushedEvent::What;

class EventPusher final : public Module {
 public:
  EventPusher(HostType& host, const std::shared_ptr<const EventPusherOptions>& options)
      : host_(host), pushes_(host.hall.metrics, "push_event", "An event is pushed to services outside.", host.name) {
    if (options->http) add_http(*options->http);
    if (options->rabbit) add_rabbit(*options->rabbit);
    const bool broker_hears = options->rabbit && options->rabbit->hears_messages();
    if (broker_hears || (options->http && !options->http->handlers.empty()))
      host.hooks.on<&EventPusher::user_sends>(*this, 90);
    if (broker_hears) host.hooks.on<&EventPusher::user_receives>(*this, 80);
    if (!options->rabbit || !options->rabbit->presence_exchange) return;
    host.hooks.on<&EventPusher::user_comes>(*this, 90);
    host.hooks.on<&EventPusher::user_goes>(*this, 90);
  }

  Verdict user_sends(UserSendsMessage& event) {
    tell(What::sent, event.context.stanza);
    return Verdict::next();
  }
  Verdict user_receives(UserReceivesStanza& event) {
    if (event.stanza.kind == StanzaKind::message) tell(What::received, event.stanza);
    return Verdict::next();
  }
  Verdict user_comes(UserBecomesAvailable& event) {
    give({.what = What::present, .from = event.session.jid});
    return Verdict::next();
  }
  Verdict user_goes(UserBecomesUnavailable& event) {
    give({.what = What::absent, .from = event.session.jid});
    return Verdict::next();
  }

 private:
  void add_http(const HttpPusherOptions& options) {
    for (const HttpPusherHandler& handler : options.handlers) {
      http::Client* const client = host_.hall.pools->http.find(host_.name, handler.pool_name);
      if (client == nullptr)
        throw std::runtime_error{fmt::format(
            "modules.mod_event_pusher needs the pool [outgoing_pools.http.{}] — write that table", handler.pool_name)};
      queues_.push_back(make_http_pusher(host_, *client, &client->pool(), handler));
    }
  }

  void add_rabbit(const RabbitPusherOptions& options) {
    amqp::Client* const broker = host_.hall.pools->rabbit.find(host_.name, "event_pusher");
    if (broker == nullptr)
      throw std::runtime_error{
          "modules.mod_event_pusher needs the pool [outgoing_pools.rabbit.event_pusher] — write that table"};
    queues_.push_back(make_rabbit_pusher(host_.hall, *broker, options));
  }

  void tell(What what, const Stanza& message) {
    if (message.type == StanzaType::error) return;
    PushedEvent event{.what = what, .type = message.type};
    if (std::ranges::none_of(queues_, [&event](const auto& queue) { return queue->wants(event); })) return;
    const auto body = message.element().child("body", ns::client);
    if (!body) return;
    event.body = body->text();
    if (event.body.empty()) return;
    event.from = message.from;
    // RFC 6121 §8.1.1.1: what has no address is for the account itself.
    event.to = message.to ? message.to : message.from.bare();
    give(event);
  }

  void give(const PushedEvent& event) {
    pushes_.add();
    for (const auto& queue : queues_)
      if (queue->wants(event)) queue->add(event);
  }

  HostType& host_;
  const HookCount pushes_;
  std::vector<std::shared_ptr<EventQueue>> queues_;
};

}  // namespace

ModuleEntry event_pusher_module() { return module_entry<EventPusher>("mod_event_pusher", {}, event_pusher_section()); }

}  // namespace meerkat
