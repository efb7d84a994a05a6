// SPDX-License-Identifier: Apache-2.0
// What it costs to count. Limit: an event costs less than 10 ns.
#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "base/metrics/registry.h"
#include "core/traffic.h"

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

// A message in a stream: three cells, which become ten measurements when somebody reads.
void count_an_element(benchmark::State& state) {
  const ElementTraffic traffic{registry(), "c2s", "localhost"};
  std::size_t size = 0;
  for (auto round : state) traffic.in.add(ElementKind::message, size++ & 0x3ff);
}
BENCHMARK(count_an_element)->Threads(1)->Threads(2);

// What that would cost with a cell for each measurement.
void count_an_element_by_measurements(benchmark::State& state) {
  constexpr metrics::Event element{.name = "element",
                                   .sentence = "An element came in.",
                                   .labels = {"host_type"},
                                   .measurements = {{"count", metrics::Kind::spiral},
                                                    {"stanza_count", metrics::Kind::spiral},
                                                    {"message_count", metrics::Kind::spiral},
                                                    {"byte_size", metrics::Kind::histogram}}};
  const metrics::Series series{registry(), element, {"localhost"}};
  const metrics::Spiral count = series.spiral("count"), stanzas = series.spiral("stanza_count"),
                        messages = series.spiral("message_count");
  const metrics::Histogram sizes = series.histogram("byte_size");
  std::uint64_t size = 0;
  for (auto round : state) {
    count.add();
    stanzas.add();
    messages.add();
    sizes.record(size++ & 0x3ff);
  }
}
BENCHMARK(count_an_element_by_measurements)->Threads(1)->Threads(2);

// c2s_message_processed: nearly all of it is two looks at the clock.
void time_a_message(benchmark::State& state) {
  const metrics::Series series{registry(), happened, {"localhost"}};
  const metrics::Histogram time = series.histogram("time");
  const SystemClock system;
  const Clock* clock = &system;
  benchmark::DoNotOptimize(clock);
  for (auto round : state) {
    const SteadyTime began = clock->steady();
    time.record(clock->steady() - began);
  }
}
BENCHMARK(time_a_message);

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
