// SPDX-License-Identifier: Apache-2.0
#include "streams/http_service.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <utility>

#include "base/log.h"
#include "net/http_path.h"
#include "net/http_writer.h"

namespace meerkat {
namespace {

// Whoever has less than this waiting is no slow reader.
constexpr std::size_t little_waiting = 64 * 1024;

// Stands for a handler that could not be started.
class BrokenHandler final : public HttpHandler {
 public:
  std::vector<HttpMethod> methods() const override {
    return {HttpMethod::get, HttpMethod::post, HttpMethod::put, HttpMethod::patch, HttpMethod::remove};
  }
  Task<HttpResponse> answer(const HttpRequest&) override { co_return HttpResponse::plain(500); }
};

bool is_of_one_address(Refusal why) {
  return why == Refusal::address_connections || why == Refusal::address_unauthenticated || why == Refusal::address_rate;
}

}  // namespace

HttpService::~HttpService() {
  doors_.close_all();
  standing_.clear();
  free_.clear();
  busy_.clear();
  scope_.abandon();
}

std::vector<HttpService::Served>::iterator HttpService::find(const HttpOptions& options) {
  return std::ranges::find(served_, &options, [](const Served& served) { return served.options.get(); });
}

std::shared_ptr<HttpHandler> HttpService::started(const ConfiguredHttpHandler& configured) const {
  try {
    return configured.start({.hall = hall, .office = office, .stopping = stopping});
  } catch (const std::exception& failure) {
    log_error("http_handler_not_started", {{"handler", configured.name()},
                                           {"path", configured.where().path},
                                           {"error", failure.what()},
                                           {"now", "it answers 500"}});
    return std::make_shared<BrokenHandler>();
  }
}

void HttpService::serve(Served& served, std::shared_ptr<const HttpOptions> options) {
  std::vector<Running> running;
  std::vector<HttpRoute> routes;
  for (const auto& configured : options->handlers) {
    const auto same = std::ranges::find_if(served.running,
                                           [&](const Running& old) { return old.configured->is_same_as(*configured); });
    running.push_back({configured, same != served.running.end() ? same->handler : started(*configured)});
    const HttpHandlerWhere& where = configured->where();
    const std::string host = where.host == "_" ? "_" : http_host(where.host).value_or(where.host);
    if (auto pattern = http_handler_pattern(*configured))
      routes.push_back({.host = host, .path = std::move(*pattern), .handler = running.back().handler});
  }
  served.site->change(options->rules, std::move(routes));
  served.running = std::move(running);
  served.options = std::move(options);
}

void HttpService::listen(int descriptor, std::shared_ptr<const HttpOptions> options) {
  Served& served = served_.emplace_back();
  served.site = std::make_shared<HttpSite>(options->rules);
  serve(served, options);
  doors_.open(descriptor, std::move(options));
}

void HttpService::change(const HttpOptions& from, std::shared_ptr<const HttpOptions> to) {
  const auto served = find(from);
  if (served == served_.end()) return;
  const std::shared_ptr<const HttpOptions> old = served->options;
  serve(*served, to);
  doors_.change(from, std::move(to));
}

void HttpService::close(const HttpOptions& which) {
  const auto served = find(which);
  if (served == served_.end()) return;
  const std::shared_ptr<HttpSite> site = served->site;
  doors_.close(which);
  served_.erase(served);
  site->close();
  std::vector<HttpConnection*> open;
  for (const Line* const line : {&free_, &busy_})
    for (const auto& connection : *line)
      if (connection->site() == site) open.push_back(connection.get());
  for (HttpConnection* const connection : open) connection->shut_down();
}

void HttpService::shut_down() {
  while (!served_.empty()) close(*served_.front().options);
}

bool HttpService::is_idle() const {
  const auto is_at_work = [](const auto& connection) { return connection->is_at_work(); };
  return scope_.idle() && std::ranges::none_of(free_, is_at_work) && std::ranges::none_of(busy_, is_at_work);
}

void HttpService::came(int descriptor, const PeerAddress& peer, const HttpOptions& options) noexcept {
  try {
    auto guest = let_in(peer, options);
    if (!guest) return turn_away(descriptor, options, guest.error());
    // By its place in [limits] it is no stranger that has to log in: how many there may be says the listener.
    (*guest)->logged_in();
    HttpVisitor visitor{.peer = peer, .tls = nullptr, .counted = std::move(*guest)};
    if (!options.tls_contexts.empty()) visitor.tls = options.tls_contexts[hall.worker.index()];
    HttpConnection& connection = *free_.emplace_back(
        std::make_unique<HttpConnection>(descriptor, *this, find(options)->site, std::move(visitor)));
    standing_.emplace(&connection, Standing{&free_, std::prev(free_.end())});
    connection.start();
  } catch (const std::exception& failure) {
    log_error("connection_refused", {{"error", failure.what()}});
  }
}

void HttpService::came_without_header(const PeerAddress& proxy, std::string_view why) noexcept {
  hall.limits->refusals.count(Refusal::proxy_header);
  log_info("no_proxy_header", {{"from", proxy.ip.text()}, {"error", why}});
}

std::expected<std::unique_ptr<Guest>, Refusal> HttpService::let_in(const PeerAddress& peer,
                                                                   const HttpOptions& options) {
  if (hall.limits->memory.is_tight()) return std::unexpected(Refusal::memory);
  auto guest = hall.limits->connections.let_in(peer, options.load, hall.worker.clock().steady());
  if (guest || guest.error() != Refusal::listener_full || !drop_oldest_free(find(options)->site.get())) return guest;
  hall.limits->refusals.count(Refusal::listener_full);
  return hall.limits->connections.let_in(peer, options.load, hall.worker.clock().steady());
}

// Nobody is waiting for an answer there.
bool HttpService::drop_oldest_free(const HttpSite* site) {
  const auto oldest = std::ranges::find(free_, site, [](const auto& connection) { return connection->site().get(); });
  if (oldest == free_.end()) return false;
  (*oldest)->drop();
  return true;
}

void HttpService::turn_away(int descriptor, const HttpOptions& options, Refusal why) const {
  hall.limits->refusals.count(why);
  if (options.tls_contexts.empty()) {
    HttpResponse response = HttpResponse::plain(is_of_one_address(why) ? 429 : 503);
    response.headers.add("Retry-After", "10");
    std::string bytes;
    write_http(bytes, response,
               {.keeps_alive = false, .server = options.rules.server_name, .now = hall.worker.clock().wall()});
    // What has come is taken, or the kernel would answer with a reset, which may overtake these words.
    std::array<char, 4096> unheard;
    ::recv(descriptor, unheard.data(), unheard.size(), 0);
    ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(descriptor, SHUT_WR);
  }
  ::close(descriptor);
}

void HttpService::move_to(Line& line, HttpConnection& connection) {
  const auto standing = standing_.find(&connection);
  if (standing == standing_.end()) return;
  line.splice(line.end(), *standing->second.line, standing->second.at);
  standing->second.line = &line;
}

void HttpService::is_free(HttpConnection& connection) noexcept { move_to(free_, connection); }
void HttpService::is_busy(HttpConnection& connection) noexcept { move_to(busy_, connection); }

void HttpService::has_ended(HttpConnection& connection) noexcept {
  const auto standing = standing_.extract(&connection);
  if (standing.empty()) return;
  hall.worker.bury(std::move(*standing.mapped().at));
  standing.mapped().line->erase(standing.mapped().at);
}

std::size_t HttpService::shed(std::uint64_t bytes) {
  std::vector<HttpConnection*> slow;
  for (const Line* const line : {&free_, &busy_})
    for (const auto& connection : *line)
      if (connection->held() >= little_waiting) slow.push_back(connection.get());
  std::ranges::sort(slow, std::greater{}, [](const HttpConnection* connection) { return connection->held(); });
  std::uint64_t freed = 0;
  std::size_t count = 0;
  while (count < slow.size() && freed < bytes) {
    freed += slow[count]->held();
    slow[count++]->drop();
  }
  hall.limits->refusals.count(Refusal::memory_slow_reader, count);
  return count;
}

}  // namespace meerkat
