// SPDX-License-Identifier: Apache-2.0
// All HTTP connections of one worker, its listening sockets, and the handlers that answer there.
#pragma once

#include <atomic>
#include <cstddef>
#include <expected>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/hall.h"
#include "core/http_handler_entry.h"
#include "net/door.h"
#include "net/http_connection.h"
#include "streams/http_options.h"

namespace meerkat {

// One per worker; used there only.
class HttpService final : DoorKeeper<HttpOptions>, public HttpOwner {
 public:
  explicit HttpService(Hall& hall) : hall(hall) {}
  ~HttpService();
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  // Takes a listening descriptor, and starts the handlers.
  void listen(int descriptor, std::shared_ptr<const HttpOptions> options);
  // From now on requests that come in at the port with the options `from` are answered by others. Handlers that stay
  // the same go on.
  void change(const HttpOptions& from, std::shared_ptr<const HttpOptions> to);
  // The port with these options takes no more connections; those that are open end behind their answers.
  void close(const HttpOptions& which);
  // All ports and connections.
  void shut_down();
  std::size_t connections() const { return free_.size() + busy_.size(); }
  // Nobody waits for an answer, nor takes one.
  bool is_idle() const;
  // Cuts off those who read so slowly that much waits for them, those with the most first, until so many bytes are
  // freed. How many it were.
  std::size_t shed(std::uint64_t bytes);

  Hall& hall;
  // What handlers are given besides; set before `listen`.
  const admin::Office* office = nullptr;
  const std::atomic<bool>* stopping = nullptr;

 private:
  struct Running {
    std::shared_ptr<const ConfiguredHttpHandler> configured;
    std::shared_ptr<HttpHandler> handler;
  };
  // A listener.
  struct Served {
    std::shared_ptr<const HttpOptions> options;
    std::shared_ptr<HttpSite> site;
    std::vector<Running> running;
  };
  using Line = std::list<std::unique_ptr<HttpConnection>>;

  void came(int descriptor, const PeerAddress& peer, const HttpOptions& options) noexcept override;
  void came_without_header(const PeerAddress& proxy, std::string_view why) noexcept override;
  Worker& worker() override { return hall.worker; }
  Scope& scope() override { return scope_; }
  void is_free(HttpConnection& connection) noexcept override;
  void is_busy(HttpConnection& connection) noexcept override;
  void has_ended(HttpConnection& connection) noexcept override;

  std::vector<Served>::iterator find(const HttpOptions& options);
  void serve(Served& served, std::shared_ptr<const HttpOptions> options);
  std::shared_ptr<HttpHandler> started(const ConfiguredHttpHandler& configured) const;
  std::expected<std::unique_ptr<Guest>, Refusal> let_in(const PeerAddress& peer, const HttpOptions& options);
  void turn_away(int descriptor, const HttpOptions& options, Refusal why) const;
  bool drop_oldest_free(const HttpSite* site);
  void move_to(Line& line, HttpConnection& connection);

  Scope scope_{"http"};
  Doors<HttpOptions> doors_{hall.worker, *this};
  std::vector<Served> served_;
  // Who has waited longest comes first.
  Line free_, busy_;
  struct Standing {
    Line* line;
    Line::iterator at;
  };
  std::unordered_map<const HttpConnection*, Standing> standing_;
};

}  // namespace meerkat
