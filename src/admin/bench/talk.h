// SPDX-License-Identifier: Apache-2.0
// The clients of one crew chat in pairs: numbered messages, in a closed loop (who gets one sends one) or at a rate.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "admin/bench/arrivals.h"
#include "admin/bench/crew.h"
#include "admin/bench/latency.h"

namespace meerkat::bench {

// What the main thread says to all talks: when is measured, and when it is over. Nanoseconds of the steady clock.
struct TalkTimes {
  std::uint32_t run;  // tells our messages from those of an earlier run that were kept offline
  std::atomic<std::int64_t> measure_from{INT64_MAX};
  std::atomic<std::int64_t> measure_to{INT64_MAX};
  std::atomic<bool> over{false};
};

// Lives on the crew's worker from `begin` to `end`.
class Talk final : Hearer, Watched {
 public:
  // `rate` is of this crew; 0: closed loop.
  Talk(Crew& crew, const BenchOptions& options, const TalkTimes& times, double rate);
  ~Talk();

  // On the worker.
  void begin();
  void end();

  // Any thread.
  std::uint64_t sent() const { return sent_count_.load(std::memory_order_relaxed); }
  std::uint64_t arrived() const { return arrived_count_.load(std::memory_order_relaxed); }

  // When the worker has stopped. Of the messages whose time was in the measured window.
  const Latency& latency() const { return latency_; }
  std::uint64_t doubled() const { return doubled_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t lost() const { return sent() - arrived(); }

 private:
  struct Note;  // what a message says

  void heard(ClientStream& client, const xml::Element& stanza) override;
  void ready(Readiness what) noexcept override;

  std::int64_t now() const;
  std::int64_t due(std::uint64_t number) const;
  void send_due();
  void set_alarm();
  bool send(std::size_t sender, std::int64_t time);
  static bool read_note(std::string_view body, Note& note);

  Crew& crew_;
  const BenchOptions& options_;
  const TalkTimes& times_;
  const double rate_;
  int alarm_ = -1;                          // timerfd: the wheel's 8 ms are too coarse to measure with
  std::int64_t began_ = 0;                  // open loop
  std::uint64_t turns_ = 0;                 // messages that were due so far
  std::vector<std::uint32_t> next_number_;  // by sender
  std::vector<Arrivals> arrivals_;          // by sender
  std::string storage_;
  Latency latency_;
  std::uint64_t doubled_ = 0;
  std::uint64_t refused_ = 0;
  std::atomic<std::uint64_t> sent_count_{0};
  std::atomic<std::uint64_t> arrived_count_{0};
};

}  // namespace meerkat::bench
