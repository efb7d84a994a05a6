// SPDX-License-Identifier: Apache-2.0
// The embedded store under load, through the coroutine API: reads, acknowledged writes, the write-behind queue.
// `cpu_us` is CPU time of the whole process per operation: workers, database threads and hand-offs together.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <string>
#include <tuple>
#include <vector>

#include "base/test_directory.h"
#include "store/sql/migration.h"
#include "store/sql/test_house.h"

using namespace meerkat;

namespace {

constexpr sql::Statement<std::string_view, std::string_view> register_user{
    "bench_register", "INSERT INTO users (server, username, password, pass_details) VALUES ('example.net', ?, '', ?)"};
constexpr sql::Query<std::tuple<std::string, std::optional<std::string>>, std::string_view, std::string_view> find_user{
    "bench_find", "SELECT password, pass_details FROM users WHERE server = ? AND username = ?"};
constexpr sql::Upsert save_last{"bench_last", "last", "server, username", "seconds, state"};
constexpr int preloaded = 100'000;

sql::Schema bench_schema() {
  return {.name = "bench",
          .tables = {sql::table("users")
                         .column("username", sql::varchar(250))
                         .column("server", sql::varchar(250))
                         .column("password", sql::text())
                         .column("pass_details", sql::text().nullable())
                         .primary_key("server, username"),
                     sql::table("last")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("seconds", sql::integer())
                         .column("state", sql::text())
                         .primary_key("server, username")
                         .clustered()}};
}

const std::string details(700, 'k');  // as long as keys for five hashes

std::string user_name(std::uint64_t number) { return "user" + std::to_string(number * 7919 % 1'000'003); }

struct Store {
  explicit Store(std::size_t workers) : house(workers), database(sql::open_sqlite(directory.path()).value()) {
    database->prepare(bench_schema());
  }
  void preload() {
    house.ask(database->transaction([](sql::Transaction& transaction) {
      for (int i = 0; i < preloaded; ++i) {
        const std::string name = user_name(static_cast<std::uint64_t>(i));
        transaction.execute(register_user, name, details);
        transaction.upsert(save_last, sql::key("example.net", name), sql::values(0, ""));
      }
    }));
  }

  TestDirectory directory;
  sql::TestHouse house;
  std::unique_ptr<sql::Database> database;
};

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void report(benchmark::State& state, double cpu_before, std::int64_t operations) {
  state.SetItemsProcessed(operations);
  state.counters["cpu_us"] = (cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(operations);
}

Task<> read_some(sql::Database& database, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    const std::string name = user_name(i * 31 % preloaded);
    const auto row = co_await database.one(find_user, "example.net", name);
    if (!row) throw std::runtime_error("a preloaded user is missing");
  }
}

Task<> register_some(sql::Database& database, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    const std::string name = "new" + std::to_string(i);
    co_await database.execute(register_user, name, details);
  }
}

Task<> save_some(sql::Database& database, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = first; i < first + count; ++i)
    co_await database.upsert_behind(save_last, sql::key("example.net", user_name(i)), sql::values(i, "gone"),
                                    sql::Until::queued);
}

// `in_flight` coroutines on two workers, each `each` operations one after another.
template <class Some>
void run_many(Store& store, Some some, std::uint64_t first, std::uint64_t in_flight, std::uint64_t each) {
  std::vector<std::future<void>> running;
  for (std::uint64_t i = 0; i < in_flight; ++i)
    running.push_back(store.house.start(some(*store.database, first + i * each, each), i % 2));
  for (auto& one : running) one.get();
}

void reads(benchmark::State& state) {
  Store store{2};
  store.preload();
  const auto in_flight = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t each = 20'000 / in_flight;
  const double before = cpu_seconds();
  std::uint64_t first = 0;
  for (auto _ : state) {
    run_many(store, read_some, first, in_flight, each);
    first += in_flight * each;
  }
  report(state, before, static_cast<std::int64_t>(first));
}
BENCHMARK(reads)->Arg(1)->Arg(10)->Arg(1000)->UseRealTime()->Unit(benchmark::kMillisecond);

// What the same read costs without hand-offs: on a database thread, 20 000 in one transaction.
void reads_in_place(benchmark::State& state) {
  Store store{2};
  store.preload();
  const double before = cpu_seconds();
  std::int64_t done = 0;
  for (auto _ : state) {
    store.house.ask(store.database->transaction([](sql::Transaction& transaction) {
      for (std::uint64_t i = 0; i < 20'000; ++i)
        benchmark::DoNotOptimize(transaction.one(find_user, "example.net", user_name(i * 31 % preloaded)));
    }));
    done += 20'000;
  }
  report(state, before, done);
}
BENCHMARK(reads_in_place)->UseRealTime()->Unit(benchmark::kMillisecond);

void registrations(benchmark::State& state) {
  Store store{2};
  store.preload();
  const auto in_flight = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t each = std::max<std::uint64_t>(10'000 / in_flight, 10) / (in_flight == 1 ? 5 : 1);
  const double before = cpu_seconds();
  std::uint64_t first = 0;
  for (auto _ : state) {
    run_many(store, register_some, first, in_flight, each);
    first += in_flight * each;
  }
  report(state, before, static_cast<std::int64_t>(first));
}
BENCHMARK(registrations)->Arg(1)->Arg(10)->Arg(1000)->UseRealTime()->Unit(benchmark::kMillisecond);

// A spike of logouts: 100 000 scattered keys, from the first call until the last row is on the disk.
void write_behind(benchmark::State& state) {
  Store store{2};
  store.preload();
  const double before = cpu_seconds();
  for (auto _ : state) {
    run_many(store, save_some, 0, 2, preloaded / 2);
    store.house.ask(store.database->flush_behind());
  }
  report(state, before, static_cast<std::int64_t>(state.iterations()) * preloaded);
}
BENCHMARK(write_behind)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
