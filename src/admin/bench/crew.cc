// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/crew.h"

#include <algorithm>
#include <utility>

namespace meerkat::bench {

Crew::Crew(const BenchOptions& options, const ServerAddress& server, Worker& worker,
           std::shared_ptr<const TlsContext> tls, const Share& share)
    : kit_{options, server, worker, *this, std::move(tls), DerivedKeys{options.password}, {}}, share_(share) {
  for (std::uint32_t i = 0; i < share_.count; ++i) clients_.emplace_back(kit_, share_.first + i);
}

void Crew::begin(ClientTask task) {
  task_ = task;
  begun_ = 0;
  logins_.clear();
  succeeded_.store(0, std::memory_order_relaxed);
  failed_.store(0, std::memory_order_relaxed);
  existed_.store(0, std::memory_order_relaxed);
  begin_more();
}

void Crew::begin_more() {
  // A client that fails at once asks for the next one from inside of `begin`.
  if (std::exchange(beginning_, true)) return;
  while (begun_ < size() && begun_ - ended() < share_.in_flight) clients_[begun_++].begin(task_);
  beginning_ = false;
}

void Crew::succeeded(ClientStream&, std::chrono::nanoseconds took) {
  logins_.add(took);
  succeeded_.fetch_add(1, std::memory_order_relaxed);
  begin_more();
}

void Crew::found_account(ClientStream&) {
  existed_.fetch_add(1, std::memory_order_relaxed);
  begin_more();
}

void Crew::failed(ClientStream&, std::string why) {
  keep_first(std::move(why));
  failed_.fetch_add(1, std::memory_order_relaxed);
  begin_more();
}

void Crew::lost(ClientStream&, std::string why) {
  keep_first(std::move(why));
  lost_.fetch_add(1, std::memory_order_relaxed);
}

void Crew::heard(ClientStream& client, const xml::Element& stanza) {
  if (hearer_ != nullptr) hearer_->heard(client, stanza);
}

void Crew::leave() {
  begun_ = size();
  for (ClientStream& client : clients_) client.leave();
}

void Crew::drop() {
  begun_ = size();
  for (ClientStream& client : clients_) client.drop();
}

void Crew::count_connections() {
  const auto there = std::ranges::count_if(clients_, [](const ClientStream& client) { return !client.gone(); });
  connections_.store(static_cast<std::uint32_t>(there), std::memory_order_relaxed);
}

void Crew::keep_first(std::string why) {
  const std::lock_guard lock{mutex_};
  if (first_failure_.empty()) first_failure_ = std::move(why);
}

std::string Crew::first_failure() const {
  const std::lock_guard lock{mutex_};
  return first_failure_;
}

}  // namespace meerkat::bench
