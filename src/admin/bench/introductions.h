// SPDX-License-Identifier: Apache-2.0
// Makes clients of a crew each other's contacts, both ways (RFC 6121 §3.1), a few pairs at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "admin/bench/crew.h"
#include "admin/bench/run.h"

namespace meerkat::bench {

// Places in the crew.
struct Acquaintance {
  std::uint32_t asks;
  std::uint32_t answers;
};

// Lives on the crew's worker from `begin` to `end`.
class Introductions final : Hearer {
 public:
  Introductions(Crew& crew, std::vector<Acquaintance> pairs, std::uint32_t in_flight);

  // On the worker.
  void begin();
  void end() { crew_.hear_with(nullptr); }

  // Any thread.
  std::uint64_t done() const { return done_.load(std::memory_order_relaxed); }

 private:
  void heard(ClientStream& client, const xml::Element& stanza) override;
  void ask_more();
  void say(std::uint32_t from, std::uint32_t to, std::string_view type);
  bool under_way(std::uint32_t asks, std::uint32_t answers) const;

  Crew& crew_;
  const std::vector<Acquaintance> pairs_;
  const std::uint32_t in_flight_;
  std::size_t next_ = 0;
  std::unordered_set<std::uint64_t> under_way_;
  std::atomic<std::uint64_t> done_{0};
};

// All of them, with a run of one crew whose clients are online; the CPU time is in the report. False when some did not
// come about.
bool introduce(Run& run, std::vector<Acquaintance> pairs, Report& report);

}  // namespace meerkat::bench
