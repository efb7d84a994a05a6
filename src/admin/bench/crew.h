// SPDX-License-Identifier: Apache-2.0
// All clients of one worker: lets them log in, a few at a time, and keeps them.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "admin/bench/client_stream.h"
#include "admin/bench/latency.h"

namespace meerkat::bench {

// Who hears what clients are sent once they are online.
class Hearer {
 public:
  virtual void heard(ClientStream& client, const xml::Element& stanza) = 0;

 protected:
  ~Hearer() = default;
};

// Some clients of a crew, by their places in it; what goes beyond its end does not count.
struct Part {
  std::uint32_t first = 0;
  std::uint32_t count = std::numeric_limits<std::uint32_t>::max();
};

// Made on the main thread, then used on its worker; the counts and the first failure may be read by any thread.
class Crew final : ClientOwner {
 public:
  struct Share {  // of all clients
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t in_flight;
  };
  Crew(const BenchOptions& options, const ServerAddress& server, Worker& worker, std::shared_ptr<const TlsContext> tls,
       const Share& share);

  Worker& worker() { return kit_.worker; }

  // On the worker.
  void begin(ClientTask task, const Part& part = {});
  void hear_with(Hearer* hearer) { hearer_ = hearer; }
  void leave(const Part& part = {});
  void drop(const Part& part = {});
  void cut(const Part& part = {});
  void count_connections(const Part& part = {});
  std::deque<ClientStream>& clients() { return clients_; }
  // The client whose address this is; nothing for addresses of others.
  std::optional<std::uint32_t> place_of(std::string_view address) const;

  // Any thread.
  std::uint32_t size() const { return share_.count; }
  std::uint32_t size(const Part& part) const {
    return part.first < size() ? std::min(part.count, size() - part.first) : 0;
  }
  std::uint32_t succeeded() const { return succeeded_.load(std::memory_order_relaxed); }
  std::uint32_t failed() const { return failed_.load(std::memory_order_relaxed); }
  std::uint32_t existed() const { return existed_.load(std::memory_order_relaxed); }
  std::uint32_t ended() const { return succeeded() + failed() + existed(); }
  std::uint32_t lost() const { return lost_.load(std::memory_order_relaxed); }
  // As counted last.
  std::uint32_t connections() const { return connections_.load(std::memory_order_relaxed); }
  std::string first_failure() const;

  // On the worker, or when it has stopped. Since the last `begin`.
  const Latency& logins() const { return logins_; }
  std::size_t keys_derived() const { return kit_.keys.derived(); }

 private:
  void succeeded(ClientStream& client, std::chrono::nanoseconds took) override;
  void found_account(ClientStream& client) override;
  void failed(ClientStream& client, std::string why) override;
  void lost(ClientStream& client, std::string why) override;
  void heard(ClientStream& client, const xml::Element& stanza) override;

  void begin_more();
  void keep_first(std::string why);

  ClientKit kit_;
  const Share share_;
  std::deque<ClientStream> clients_;
  Hearer* hearer_ = nullptr;
  ClientTask task_ = ClientTask::log_in;
  std::uint32_t next_ = 0;  // to begin
  std::uint32_t end_ = 0;
  std::uint32_t begun_ = 0;
  bool beginning_ = false;
  Latency logins_;

  std::atomic<std::uint32_t> succeeded_{0};
  std::atomic<std::uint32_t> failed_{0};
  std::atomic<std::uint32_t> existed_{0};
  std::atomic<std::uint32_t> lost_{0};
  std::atomic<std::uint32_t> connections_{0};
  mutable std::mutex mutex_;
  std::string first_failure_;
};

}  // namespace meerkat::bench
