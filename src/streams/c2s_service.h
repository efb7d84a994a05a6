// SPDX-License-Identifier: Apache-2.0
// All client streams of one worker, and its listening sockets.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/hall.h"
#include "net/listener.h"
#include "streams/c2s_options.h"
#include "streams/c2s_stream.h"

namespace meerkat {

// One per worker; used there only, except for `there`.
class C2sService {
 public:
  // `all` is filled by the server: the services of all workers, by index.
  C2sService(Hall& hall, const std::vector<std::unique_ptr<C2sService>>& all) : hall(hall), all_(all) {}
  ~C2sService();
  C2sService(const C2sService&) = delete;
  C2sService& operator=(const C2sService&) = delete;

  // Takes a listening descriptor; connections that come in are served under `options`.
  void listen(int descriptor, std::shared_ptr<const C2sOptions> options);
  // No more connections are taken.
  void stop_listening() { ports_.clear(); }
  // Every stream is told that the server goes down.
  void shut_down();
  std::size_t streams() const { return count_; }

  C2sService& there(const Worker& worker) const { return *all_[worker.index()]; }

  Hall& hall;

 private:
  friend class C2sStream;
  friend class Negotiation;

  class Port final : public ConnectionTaker {
   public:
    Port(C2sService& service, int descriptor, std::shared_ptr<const C2sOptions> options)
        : service_(service), options_(std::move(options)), listener_(service.hall.worker, descriptor, *this) {}
    void accepted(int descriptor) noexcept override;

   private:
    C2sService& service_;
    const std::shared_ptr<const C2sOptions> options_;
    Listener listener_;
  };

  void enter(C2sStream& stream);
  void remove(C2sStream& stream);
  void bury(C2sStream& stream);

  const std::vector<std::unique_ptr<C2sService>>& all_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<std::shared_ptr<const C2sOptions>> options_;  // kept for the streams
  C2sStream* first_ = nullptr;
  std::size_t count_ = 0;
  bool shutting_down_ = false;
};

}  // namespace meerkat
