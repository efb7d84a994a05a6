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

class HttpPusher final : public EventQueue {
 public:
  HttpPusher(Hall& hall, http::Service& service, const std::string& pool, std::string path)
      : EventQueue(hall, "http." + pool, {.at_once = requests_at_once}), service_(service), path_(std::move(path)) {}

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

std::shared_ptr<EventQueue> make_http_pusher(Hall& hall, http::Service& service, const std::string& pool,
                                             const std::string& path) {
  // The prefix brings the slash between them.
  return std::make_shared<HttpPusher>(hall, service, pool, path.starts_with('/') ? path.substr(1) : path);
}

}  // namespace meerkat
