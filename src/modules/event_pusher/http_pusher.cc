// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/http_pusher.h"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/metrics/registry.h"
#include "core/hall.h"
#include "store/http/form.h"

namespace meerkat {
namespace {

// Of one worker here; more would only wait in the pool's queues.
constexpr std::size_t requests_at_once = 10;
// For a pool that does not say how many wait.
constexpr std::size_t usually_waiting = 1000;

constexpr metrics::Event event_sent{.name = "mod_event_pusher_http_sent",
                                    .sentence = "A service was told of a message, or could not be.",
                                    .labels = {"host_type"},
                                    .measurements = {{"count", metrics::Kind::spiral},
                                                     {"failure_count", metrics::Kind::spiral},
                                                     {"response_time", metrics::Kind::histogram}}};

class HttpPusher final : public EventQueue {
 public:
  HttpPusher(HostType& host, http::Service& service, OutgoingPool* pool, const HttpPusherHandler& handler)
      : EventQueue(host.hall, "http." + handler.pool_name,
                   pool != nullptr ? event_queue_limits(*pool, usually_waiting, requests_at_once)
                                   : EventQueueLimits{.events = usually_waiting, .at_once = requests_at_once},
                   pool),
        service_(service),
        // The prefix brings the slash between them.
        path_(handler.path.starts_with('/') ? handler.path.substr(1) : handler.path),
        clock_(host.hall.worker.clock()),
        series_(host.hall.metrics, event_sent, {host.name}),
        sent_(series_.spiral("count")),
        failed_(series_.spiral("failure_count")),
        response_time_(series_.histogram("response_time")) {}

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
    const SteadyTime began = clock_.steady();
    try {
      const http::Response response = co_await service_.request(std::move(request));
      if (!response.is_good()) throw std::runtime_error{"the service answers " + std::to_string(response.status)};
    } catch (...) {
      failed_.add();
      throw;
    }
    sent_.add();
    response_time_.record(clock_.steady() - began);
  }

  http::Service& service_;
  const std::string path_;
  const Clock& clock_;
  const metrics::Series series_;
  const metrics::Spiral sent_;
  const metrics::Spiral failed_;
  const metrics::Histogram response_time_;
};

}  // namespace

std::shared_ptr<EventQueue> make_http_pusher(HostType& host, http::Service& service, OutgoingPool* pool,
                                             const HttpPusherHandler& handler) {
  return std::make_shared<HttpPusher>(host, service, pool, handler);
}

}  // namespace meerkat
