// SPDX-License-Identifier: Apache-2.0
// One run of the load client, seen from the main thread: the workers, a crew on each, and waiting for them.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/bench/console.h"
#include "admin/bench/crew.h"
#include "admin/bench/report.h"
#include "admin/bench/server_process.h"
#include "runtime/workers.h"

namespace meerkat::bench {

// CPU time spent between two moments.
struct Spending {
  std::chrono::nanoseconds wall{};
  std::chrono::nanoseconds client{};
  std::optional<std::chrono::nanoseconds> server;

  Spending& operator+=(const Spending& more);
};

inline double in_seconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e9; }
inline double in_us(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e3; }

class Meter {
 public:
  explicit Meter(const ServerProcess& server)
      : server_(server), wall_(std::chrono::steady_clock::now()), client_cpu_(own_cpu()), server_cpu_(server.cpu()) {}
  Spending since() const;

 private:
  const ServerProcess& server_;
  std::chrono::steady_clock::time_point wall_;
  std::chrono::nanoseconds client_cpu_;
  std::optional<std::chrono::nanoseconds> server_cpu_;
};

enum class Outcome : std::uint8_t { complete, interrupted, out_of_time, hopeless };

class Run {
 public:
  // Throws std::runtime_error when TLS cannot be had.
  Run(const BenchOptions& options, const ServerAddress& address, Console& console);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // All clients, or a part of each crew, do it, then it returns; or earlier, see Outcome.
  Outcome have_all(ClientTask task, std::string_view what, const Part& part = {});
  // Everybody leaves; those who are still there after some seconds are cut off.
  void send_home(const Part& part = {});
  // Waits until `done` or until nothing has changed `progress` for some seconds; false then, and for Ctrl-C and the
  // like.
  bool wait_for(const std::function<std::uint64_t()>& progress, std::uint64_t wanted, std::string_view what);
  // Waits until the server has nothing to do any more, as far as its CPU time tells; a while when that is not known.
  void wait_for_silence();
  // Waits, and tells how it goes; stops early for Ctrl-C, at the limit, and when nobody is online any more.
  Outcome wait(std::chrono::nanoseconds time, std::string_view what);

  // Runs `work` on the worker of every crew, and returns when all are done.
  void on_all(const std::function<void(Crew&)>& work);
  // No more clients, no more threads: figures of the crews may be read.
  void stop();

  const BenchOptions& options() const { return options_; }
  Console& console() { return console_; }
  const ServerProcess& server() const { return server_; }
  std::vector<std::unique_ptr<Crew>>& crews() { return crews_; }
  const Clock& clock() const { return clock_; }

  std::uint64_t succeeded() const { return sum(&Crew::succeeded); }
  std::uint64_t failed() const { return sum(&Crew::failed); }
  std::uint64_t existed() const { return sum(&Crew::existed); }
  std::uint64_t lost_connections() const { return sum(&Crew::lost); }
  std::string first_failure() const;

  // Who succeeded, who failed and why.
  void report_clients(Report& report) const;
  void report_spending(Report& report, const Spending& spent, double units, std::string_view unit) const;

 private:
  bool out_of_time() const { return std::chrono::steady_clock::now() >= end_; }
  std::uint64_t sum(std::uint32_t (Crew::*count)() const) const;
  void make_crews(const ServerAddress& address);

  const BenchOptions& options_;
  Console& console_;
  const ServerProcess server_;
  const std::chrono::steady_clock::time_point end_;
  SystemClock clock_;
  Workers workers_;
  std::vector<std::unique_ptr<Crew>> crews_;  // outlived by the workers
  bool running_ = false;
};

}  // namespace meerkat::bench
