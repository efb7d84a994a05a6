// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/crew.h"

#include <charconv>
#include <system_error>
#include <utility>

namespace meerkat::bench {

Crew::Crew(const BenchOptions& options, const ServerAddress& server, Worker& worker,
           std::shared_ptr<const TlsContext> tls, const Share& share)
    : kit_{options, server, worker, *this, std::move(tls), DerivedKeys{options.password}, {}}, share_(share) {
  for (std::uint32_t i = 0; i < share_.count; ++i) clients_.emplace_back(kit_, share_.first + i);
}

void Crew::begin(ClientTask task, const Part& part) {
  task_ = task;
  begun_ = 0;
  next_ = part.first;
  end_ = part.first + size(part);
  logins_.clear();
  succeeded_.store(0, std::memory_order_relaxed);
  failed_.store(0, std::memory_order_relaxed);
  existed_.store(0, std::memory_order_relaxed);
  begin_more();
}

void Crew::begin_more() {
  // A client that fails at once asks for the next one from inside of `begin`.
  if (std::exchange(beginning_, true)) return;
  for (; next_ < end_ && begun_ - ended() < share_.in_flight; ++next_) {
    ++begun_;
    clients_[next_].begin(task_);
  }
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

void Crew::leave(const Part& part) {
  next_ = end_;
  for (std::uint32_t i = 0; i < size(part); ++i) clients_[part.first + i].leave();
}

void Crew::drop(const Part& part) {
  next_ = end_;
  for (std::uint32_t i = 0; i < size(part); ++i) clients_[part.first + i].drop();
}

void Crew::cut(const Part& part) {
  for (std::uint32_t i = 0; i < size(part); ++i) clients_[part.first + i].cut();
}

void Crew::count_connections(const Part& part) {
  std::uint32_t there = 0;
  for (std::uint32_t i = 0; i < size(part); ++i) there += clients_[part.first + i].gone() ? 0 : 1;
  connections_.store(there, std::memory_order_relaxed);
}

std::optional<std::uint32_t> Crew::place_of(std::string_view address) const {
  const std::string_view prefix = kit_.options.user_prefix;
  if (!address.starts_with(prefix)) return std::nullopt;
  const char* const begin = address.data() + prefix.size();
  const char* const end = address.data() + address.size();
  std::uint32_t number = 0;
  const auto [rest, problem] = std::from_chars(begin, end, number);
  if (problem != std::errc{} || rest == end || *rest != '@') return std::nullopt;
  if (number < share_.first || number - share_.first >= share_.count) return std::nullopt;
  return number - share_.first;
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
