// SPDX-License-Identifier: Apache-2.0
// All clients of one worker: lets them log in, a few at a time, and keeps them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

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
  void begin(ClientTask task);
  void hear_with(Hearer& hearer) { hearer_ = &hearer; }
  void leave();
  void drop();
  void count_connections();
  std::deque<ClientStream>& clients() { return clients_; }

  // Any thread.
  std::uint32_t size() const { return share_.count; }
  std::uint32_t succeeded() const { return succeeded_.load(std::memory_order_relaxed); }
  std::uint32_t failed() const { return failed_.load(std::memory_order_relaxed); }
  std::uint32_t existed() const { return existed_.load(std::memory_order_relaxed); }
  std::uint32_t ended() const { return succeeded() + failed() + existed(); }
  std::uint32_t lost() const { return lost_.load(std::memory_order_relaxed); }
  // As counted last.
  std::uint32_t connections() const { return connections_.load(std::memory_order_relaxed); }
  std::string first_failure() const;

  // When the worker has stopped.
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
