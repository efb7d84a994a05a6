// SPDX-License-Identifier: Apache-2.0
// Services outside: how their pools are, and whether they can be reached.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "runtime/blocking_pool.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat::admin {
namespace {

using Listed = OutgoingPools::Listed;

constexpr std::chrono::seconds longest_test{5};

std::string full_name(const Listed& pool) {
  std::string name = pool.kind + "." + pool.tag;
  return pool.host_type.empty() ? name : name + "@" + pool.host_type;
}

std::string_view strategy_of(const OutgoingPool& pool) {
  return config::printed_name(pool.settings().options.strategy);
}

Value number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Value times(const OutgoingPool& pool, PoolEvent event) { return number(pool.events().times(event)); }

// In microseconds; nothing before the first call.
Value mean_latency(const OutgoingPool& pool) {
  const std::uint64_t count = pool.latency().count();
  if (count == 0) return {};
  return pool.latency().total().count() / static_cast<std::int64_t>(count);
}

struct Workers {
  std::size_t connected = 0;
  std::size_t under_way = 0;
  std::string last_error;
  std::chrono::milliseconds next_try{0};
};

// A worker that is down speaks for all.
Workers look_at(const std::vector<PoolWorkerState>& states) {
  Workers workers;
  for (const PoolWorkerState& state : states) {
    workers.connected += state.status == PoolWorkerStatus::up ? 1 : 0;
    workers.under_way += state.under_way;
    if (workers.last_error.empty() || state.status == PoolWorkerStatus::down) workers.last_error = state.last_error;
    workers.next_try = std::max(workers.next_try, state.next_try);
  }
  return workers;
}

Row row_of(const Listed& listed) {
  const OutgoingPool& pool = *listed.pool;
  const std::vector<PoolWorkerState> states = pool.workers();
  const Workers workers = look_at(states);
  return {full_name(listed),
          std::string{strategy_of(pool)},
          fmt::format("{} of {}", workers.connected, states.size()),
          number(pool.queued()),
          number(workers.under_way),
          times(pool, PoolEvent::called),
          times(pool, PoolEvent::failed),
          times(pool, PoolEvent::timed_out),
          times(pool, PoolEvent::refused),
          number(pool.events().times(PoolEvent::connected)),
          mean_latency(pool),
          workers.connected == states.size() ? Value{} : Value{workers.next_try.count()},
          workers.last_error.empty() ? Value{} : Value{workers.last_error}};
}

Task<CommandResult> list(const Premises& premises, Arguments) {
  Table table;
  for (const Listed& listed : premises.pools->listed()) table.rows.push_back(row_of(listed));
  co_return table;
}

// What it took, or what is wrong.
struct Trial {
  std::chrono::microseconds took{0};
  std::string error;
};

Trial try_one(OutgoingPool& pool) {
  const auto began = std::chrono::steady_clock::now();
  Trial trial;
  try {
    pool.try_connection(began + longest_test);
  } catch (const std::exception& failure) {
    trial.error = failure.what();  // the answer
  }
  trial.took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  return trial;
}

Task<CommandResult> test(const Premises& premises, Arguments arguments) {
  const std::string wanted{arguments.text("pool")};
  Table table;
  const std::vector<Listed> all = premises.pools->listed();
  for (const Listed& listed : all) {
    const std::string name = full_name(listed);
    if (!wanted.empty() && wanted != name) continue;
    OutgoingPool& pool = *listed.pool;
    const Trial trial = co_await premises.caretaker->run([&pool] { return try_one(pool); });
    table.rows.push_back(
        {name, trial.error.empty(), trial.took.count() / 1000, trial.error.empty() ? Value{} : Value{trial.error}});
  }
  if (table.rows.empty() && !wanted.empty()) {
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const Listed& listed : all) names.push_back(full_name(listed));
    co_return Refusal{"pool_not_found",
                      fmt::format("there is no pool {}; there are: {}", wanted,
                                  names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))};
  }
  co_return table;
}

}  // namespace

std::vector<Command> pool_commands() {
  using enum ColumnType;
  constexpr std::string_view none = "There are no outgoing pools.";
  return {
      {.affair = "pool",
       .name = "list",
       .sentence = "Lists the pools of connections to services outside, with their state.",
       .answer = Answers::table,
       .when_empty = none,
       .columns = {{"pool", text, "Kind and tag, and the host type if it has one to itself."},
                   {"strategy", text, "Who gets a call."},
                   {"connected", text, "How many of the workers are connected."},
                   {"queued", ColumnType::number, "Calls that no worker has begun with."},
                   {"under_way", ColumnType::number, "Calls that are being worked on."},
                   {"calls", ColumnType::number, "Since the start."},
                   {"failed", ColumnType::number, "Calls under which the connection broke."},
                   {"timed_out", ColumnType::number, "Calls without an answer in time."},
                   {"refused", ColumnType::number, "Calls that nobody could take."},
                   {"connects", ColumnType::number, "Connections made since the start."},
                   {"mean_us", ColumnType::number, "Microseconds that a call takes, queueing included."},
                   {"next_try_ms", ColumnType::number, "Milliseconds until a worker that is down tries again."},
                   {"last_error", text, "What went wrong last, perhaps long ago."}},
       .run = &list},
      {.affair = "pool",
       .name = "test",
       .sentence = "Makes a connection as each pool, or one of them, makes it, asks for a sign of life, and closes it.",
       .arguments = {{.name = "pool", .sentence = "Only this one, such as rdbms.default.", .by_place = true}},
       .answer = Answers::table,
       .when_empty = none,
       .columns = {{"pool", text, "Kind and tag."},
                   {"reachable", yes_no, "Whether it answered."},
                   {"took_ms", ColumnType::number, "Milliseconds, connecting and logging in included."},
                   {"error", text, "Why not."}},
       .judged_by = "reachable",
       .run = &test}};
}

}  // namespace meerkat::admin
