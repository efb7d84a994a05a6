// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/http_pusher.h"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "store/http/form.h"

namespace meerkat {
namespace {

// Of one worker here; more would only wait in the pool's queues.
constexpr std::size_t requests_at_once = 10;
// For a pool that does not say how many wait.
constexpr std::size_t usually_waiting = 1000;

class HttpPusher final : public EventQueue {
 public:
  HttpPusher(Hall& hall, http::Service& service, OutgoingPool* pool, const HttpPusherHandler& handler)
      : EventQueue(hall, "http." + handler.pool_name,
                   pool != nullptr ? event_queue_limits(*pool, usually_waiting, requests_at_once)
                                   : EventQueueLimits{.events = usually_waiting, .at_once = requests_at_once},
                   pool),
        service_(service),
        // The prefix brings the slash between them.
        path_(handler.path.starts_with('/') ? handler.path.substr(1) : handler.path) {}

  bool wants(const PushedEvent& event) const override {
    return event.what == PushedEvent::What::sent && event.type == StanzaType::chat;
  }

 private:
  Task<> push(const PushedEvent& event) override {
    http::Request request{.method = http::Method::post,
                          .path = path_,
                          .body = http::form({{"author", event.from.node()},
                                              {"server", event.from.domain()},
                                              {"receiver", event.to.node()},
                                              {"message", event.body}}),
                          .content_type = std::string{http::form_type}};
    const http::Response response = co_await service_.request(std::move(request));
    if (!response.is_good()) throw std::runtime_error{"the service answers " + std::to_string(response.status)};
  }

  http::Service& service_;
  const std::string path_;
};

}  // namespace

std::shared_ptr<EventQueue> make_http_pusher(Hall& hall, http::Service& service, OutgoingPool* pool,
                                             const HttpPusherHandler& handler) {
  return std::make_shared<HttpPusher>(hall, service, pool, handler);
}

}  // namespace meerkat
