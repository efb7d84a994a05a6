// SPDX-License-Identifier: Apache-2.0
// All client streams of one worker, and its listening sockets.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/hall.h"
#include "core/traffic.h"
#include "net/door.h"
#include "streams/c2s_options.h"
#include "streams/c2s_stream.h"
#include "streams/departure.h"

namespace meerkat {

// One per worker; used there only, except for `there`.
class C2sService final : DoorKeeper<C2sOptions> {
 public:
  // `all` is filled by the server: the services of all workers, by index.
  C2sService(Hall& hall, const std::vector<std::unique_ptr<C2sService>>& all)
      : hall(hall), data(hall.metrics, "c2s"), nameless(hall.metrics, "c2s", ""), all_(all) {}
  ~C2sService();
  C2sService(const C2sService&) = delete;
  C2sService& operator=(const C2sService&) = delete;

  // Takes a listening descriptor; connections that come in are served under `options`.
  void listen(int descriptor, std::shared_ptr<const C2sOptions> options);
  // Connections that come in at the port with the options `from` are served under others; streams keep theirs.
  void change(const C2sOptions& from, std::shared_ptr<const C2sOptions> to);
  // The port with these options takes no more connections.
  void close(const C2sOptions& which);
  // No more connections are taken.
  void stop_listening() { doors_.close_all(); }
  // Every stream is told that the server goes down.
  void shut_down();
  std::size_t streams() const { return strangers_.count + heavy_strangers_.count + users_.count; }
  // Of them, those that have not logged in.
  std::size_t strangers() const { return strangers_.count + heavy_strangers_.count; }
  // Cuts off those who read so slowly that much waits for them, those with the most first, until so many bytes are
  // freed; then ends sessions for which much waits while their clients are away. How many it were.
  std::size_t shed(std::uint64_t bytes);

  // Who logs in gets a number; larger ones came later.
  std::uint64_t next_login() { return ++logins_; }
  std::uint64_t logins() const { return logins_; }

  C2sService& there(const Worker& worker) const { return *all_[worker.index()]; }

  Hall& hall;
  Departures departures;          // of the stanzas of all streams
  const DataTraffic data;         // of all streams
  const ElementTraffic nameless;  // of streams that have not named a host

 private:
  friend class C2sStream;
  friend class Negotiation;

  void came(int descriptor, const PeerAddress& peer, const C2sOptions& options) noexcept override;
  void came_without_header(const PeerAddress& proxy, std::string_view why) noexcept override;
  std::expected<std::unique_ptr<Guest>, Refusal> let_in(const PeerAddress& peer, const C2sOptions& options);
  void turn_away(int descriptor, const C2sOptions& options, Refusal why);

  void enter(C2sStream& stream);
  void remove(C2sStream& stream);
  void bury(C2sStream& stream);
  void stand(C2sStream& stream, C2sStream::Line line, std::uint32_t weight);
  void keep_strangers_within_bounds(const C2sStream& newcomer);
  bool make_room();
  // A newcomer of another worker needs a place: the first of so many workers that has its share makes it.
  void next_to_give_way(std::size_t others) const;
  void give_way(std::size_t others);
  bool has_its_share_of_strangers() const;
  void drop_oldest_stranger();

  // Newest first.
  struct Line {
    C2sStream* newest = nullptr;
    C2sStream* oldest = nullptr;
    std::size_t count = 0;
    std::uint64_t weight = 0;
  };
  Line& line_of(const C2sStream& stream);
  void forget_unused_options();

  const std::vector<std::unique_ptr<C2sService>>& all_;
  Doors<C2sOptions> doors_{hall.worker, *this};
  std::vector<std::shared_ptr<const C2sOptions>> options_;  // kept for the streams
  Line strangers_, heavy_strangers_, users_;
  std::uint64_t logins_ = 0;
  bool shutting_down_ = false;
};

}  // namespace meerkat
