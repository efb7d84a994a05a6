// SPDX-License-Identifier: Apache-2.0
// Messages for users who are away, and what becomes of them: each is numbered, so the lost and the doubled are exact.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "admin/bench/arrivals.h"
#include "admin/bench/crew.h"

namespace meerkat::bench {

// The client behind all others of a crew sends; the others have what was kept for them when they come. Lives on the
// crew's worker while it hears.
class Post final : public Hearer {
 public:
  Post(Crew& crew, const BenchOptions& options);

  // On the worker: one round of `options.messages` for each user who is measured.
  void begin();

  // Any thread.
  std::uint64_t to_send() const { return to_send_.load(std::memory_order_relaxed); }
  std::uint64_t sent() const { return answered_.load(std::memory_order_relaxed); }
  std::uint64_t arrived() const { return arrived_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return to_send() - arrived() - refused(); }
  std::uint64_t doubled() const { return doubled_.load(std::memory_order_relaxed); }
  // Not the next one for this user.
  std::uint64_t out_of_order() const { return out_of_order_.load(std::memory_order_relaxed); }

  void heard(ClientStream& client, const xml::Element& stanza) override;

 private:
  // A question behind every hundred tells how far the server is.
  static constexpr std::uint64_t at_once = 100;

  void send_some();
  void send(ClientStream& sender) const;
  void message_came(std::size_t user, std::uint32_t number);

  Crew& crew_;
  const BenchOptions& options_;
  std::uint64_t sent_ = 0;
  std::vector<Arrivals> arrivals_;  // by user
  const std::string run_;
  std::atomic<std::uint64_t> to_send_{0};
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> doubled_{0};
  std::atomic<std::uint64_t> out_of_order_{0};
};

}  // namespace meerkat::bench
