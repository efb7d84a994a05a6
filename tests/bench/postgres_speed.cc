// SPDX-License-Identifier: Apache-2.0
// What the pool to PostgreSQL costs: point selects and upserts through it, against a bare libpq pipeline of the same
// depth and against a client that waits for each answer, all over the same number of connections to one real server.
#define DOCTEST_CONFIG_IMPLEMENT
#include <libpq-fe.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "store/sql/postgres_session.h"
#include "store/sql/test_postgres.h"

using namespace meerkat;

namespace {

constexpr int rows = 10'000;
constexpr int connections = 4;
constexpr int depth = sql::PostgresSession::depth;
constexpr int rounds = 3;  // the best one counts

constexpr sql::Query<std::tuple<std::string>, std::int64_t> find_mark{"bench_find",
                                                                      "SELECT mark FROM bench_marks WHERE id = ?"};
constexpr sql::Upsert save_mark{"bench_save", "bench_marks", "id", "mark"};
constexpr const char* select_text = "SELECT mark FROM bench_marks WHERE id = $1";
constexpr const char* upsert_text =
    "INSERT INTO bench_marks (id, mark) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET mark = excluded.mark";
const std::string mark(100, 'm');

enum class What { selects, upserts };

double cpu_seconds() {
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const ::timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Measured {
  double per_second = 0;
  double cpu_microseconds = 0;  // of this process, for each call
};

template <class Run>
Measured measure(Run run) {
  Measured best;
  for (int round = 0; round < rounds; ++round) {
    const auto began = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (rows / took.count() > best.per_second) best = {rows / took.count(), (cpu_seconds() - cpu) * 1e6 / rows};
  }
  return best;
}

// Through the pool: as many callers as the connections can have calls on their way.
Task<> call_some(sql::Database& database, What what, int first, int count) {
  for (int id = first; id < first + count; ++id) {
    if (what == What::upserts) {
      co_await database.upsert(save_mark, sql::key(id), sql::values(mark));
      continue;
    }
    const auto row = co_await database.one(find_mark, id);
    check(row.has_value(), "the row is there");
  }
}

void through_the_pool(sql::TestHouse& house, sql::Database& database, What what) {
  constexpr int callers = connections * depth;
  std::vector<std::future<void>> ends;
  for (int i = 0; i < callers; ++i) {
    const int first = rows * i / callers;
    ends.push_back(house.start(call_some(database, what, first, rows * (i + 1) / callers - first),
                               static_cast<std::size_t>(i % 2)));
  }
  for (auto& end : ends) end.get();
}

// A connection of a client that knows nothing of pools.
class Bare {
 public:
  explicit Bare(const LiveService& service) {
    const std::string words =
        "host=127.0.0.1 dbname=meerkat user=meerkat sslmode=disable password='secret of meerkat' port=" +
        service.port_text();
    connection_ = PQconnectdb(words.c_str());
    check(PQstatus(connection_) == CONNECTION_OK, "the server is there");
    PQclear(PQprepare(connection_, "selects", select_text, 0, nullptr));
    PQclear(PQprepare(connection_, "upserts", upsert_text, 0, nullptr));
  }
  ~Bare() { PQfinish(connection_); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void one_by_one(What what, int first, int count) {
    for (int id = first; id < first + count; ++id) {
      send(what, id);
      while (PGresult* const result = PQgetResult(connection_)) PQclear(result);
    }
  }
  void in_a_pipeline(What what, int first, int count) {
    PQenterPipelineMode(connection_);
    for (int sent = 0; sent < count;) {
      const int some = std::min(depth, count - sent);
      int answers = 0;
      for (int i = 0; i < some; ++i) {
        send(what, first + sent + i);
        // Each change is a transaction of its own, as it is through the pool.
        if (what == What::upserts || i + 1 == some) answers += PQpipelineSync(connection_);
      }
      while (answers > 0) {
        PGresult* const result = PQgetResult(connection_);
        answers -= PQresultStatus(result) == PGRES_PIPELINE_SYNC ? 1 : 0;
        PQclear(result);
      }
      sent += some;
    }
    PQexitPipelineMode(connection_);
  }

 private:
  void send(What what, int id) {
    const auto big_endian = static_cast<std::int32_t>(__builtin_bswap32(static_cast<std::uint32_t>(id)));
    const std::array<const char*, 2> values{reinterpret_cast<const char*>(&big_endian), mark.data()};
    const std::array<int, 2> lengths{4, static_cast<int>(mark.size())};
    const std::array<int, 2> formats{1, 1};
    const bool selects = what == What::selects;
    PQsendQueryPrepared(connection_, selects ? "selects" : "upserts", selects ? 1 : 2, values.data(), lengths.data(),
                        formats.data(), 1);
  }

  PGconn* connection_ = nullptr;
};

template <class Work>
void on_each(std::vector<std::unique_ptr<Bare>>& clients, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i) {
    const int first = rows * i / connections;
    threads.emplace_back(
        [&, i, first] { work(*clients[static_cast<std::size_t>(i)], first, rows * (i + 1) / connections - first); });
  }
  for (auto& thread : threads) thread.join();
}

void print(const char* what, const Measured& measured, const Measured& base) {
  std::printf("  %-28s %9.0f/s  %6.2f us CPU per call  %5.2f times\n", what, measured.per_second,
              measured.cpu_microseconds, measured.per_second / base.per_second);
}

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context{argc, argv};
  context.setAsDefaultForAssertsOutOfTestCases();
  PostgresService service;
  if (!service.is_there()) return 0;
  service.ask("CREATE TABLE bench_marks (id INTEGER PRIMARY KEY, mark TEXT NOT NULL)");
  service.ask("ALTER TABLE bench_marks OWNER TO meerkat");
  auto options = postgres_options(service);
  options.pool.workers = connections;
  const auto database = sql::open_rdbms("rdbms.bench", options);
  sql::TestHouse house;
  std::vector<std::unique_ptr<Bare>> clients;
  for (int i = 0; i < connections; ++i) clients.push_back(std::make_unique<Bare>(service));

  for (const What what : {What::upserts, What::selects}) {
    const Measured pool = measure([&] { through_the_pool(house, *database, what); });
    const Measured pipeline = measure([&] {
      on_each(clients, [what](Bare& client, int first, int count) { client.in_a_pipeline(what, first, count); });
    });
    const Measured waiting = measure([&] {
      on_each(clients, [what](Bare& client, int first, int count) { client.one_by_one(what, first, count); });
    });
    std::printf("%d %s over %d connections to PostgreSQL, %d at once\n", rows,
                what == What::selects ? "selects" : "upserts", connections, depth);
    print("pool", pool, pipeline);
    print("bare libpq pipeline", pipeline, pipeline);
    print("one query at a time", waiting, pipeline);
    std::printf("  the pool adds %.2f us CPU per call and is %.2f times as fast as one query at a time\n",
                pool.cpu_microseconds - pipeline.cpu_microseconds, pool.per_second / waiting.per_second);
  }
  return 0;
}
