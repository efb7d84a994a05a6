// SPDX-License-Identifier: Apache-2.0
// What it costs to count. Limit: an event costs less than 10 ns.
#include <benchmark/benchmark.h>

#include "base/metrics/registry.h"

using namespace meerkat;

namespace {

constexpr metrics::Event happened{
    .name = "happened",
    .sentence = "Something happened.",
    .labels = {"host_type"},
    .measurements = {{"count", metrics::Kind::spiral}, {"time", metrics::Kind::histogram}}};

// Shared by the threads of a benchmark, as the registry of a server is.
metrics::Registry& registry() {
  static metrics::Registry all;
  return all;
}

void count_one(benchmark::State& state) {
  const metrics::Series series{registry(), happened, {"localhost"}};
  const metrics::Spiral count = series.spiral("count");
  for (auto round : state) count.add();
}
BENCHMARK(count_one)->Threads(1)->Threads(2);

void count_and_measure_one(benchmark::State& state) {
  const metrics::Series series{registry(), happened, {"localhost"}};
  const metrics::Spiral count = series.spiral("count");
  const metrics::Histogram time = series.histogram("time");
  std::uint64_t micros = 0;
  for (auto round : state) {
    count.add();
    time.record(micros++ & 0xffff);
  }
}
BENCHMARK(count_and_measure_one)->Threads(1)->Threads(2);

// A server of a hundred host types with fifty timed events each, read as a whole.
void read_everything(benchmark::State& state) {
  metrics::Registry all;
  std::vector<metrics::Series> series;
  for (int i = 0; i < 5000; ++i)
    series.emplace_back(all, happened, std::initializer_list<std::string_view>{std::to_string(i)});
  for (const metrics::Series& each : series) each.histogram("time").record(std::uint64_t{7});
  for (auto round : state) benchmark::DoNotOptimize(all.read());
}
BENCHMARK(read_everything)->Unit(benchmark::kMillisecond);

}  // namespace
