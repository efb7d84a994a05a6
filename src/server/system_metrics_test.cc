// SPDX-License-Identifier: Apache-2.0
#include "server/system_metrics.h"

#include <doctest/doctest.h>

#include "core/test_metrics.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

CertificateFacts valid(WallTime from, WallTime to) { return {.not_before = from, .not_after = to}; }

}  // namespace

TEST_CASE("of several certificates the one that expires first counts, and what is wrong has a number of its own") {
  const TurnableClock clock;
  const WallTime now = clock.wall();
  const CertificateFacts month = valid(now - 24h, now + 30 * 24h), week = valid(now - 24h, now + 7 * 24h);

  CHECK(remaining_days({month, week}, now) == 7);
  CHECK(remaining_days({week, valid(now - 48h, now - 24h)}, now) == -1);
  CHECK(remaining_days({week, valid(now + 1h, now + 24h)}, now) == -32767);
  CHECK(remaining_days({}, now) == -32768);
}

TEST_CASE("the process, its queues and its listeners are looked at when somebody reads") {
  metrics::Registry registry;
  TurnableClock clock;
  std::vector<TlsListener> listeners{{"127.0.0.1@tcp/5222", {valid(clock.wall(), clock.wall() + 10 * 24h)}}};
  const SystemMetrics system{registry,
                             clock,
                             {.mail_waiting = [] { return 7; },
                              .node_connections = [] { return 3; },
                              .tls_listeners = [&] { return listeners; }}};
  clock.advance(90s);

  CHECK(counted(registry, "system_up_time", "seconds") == 90);
  CHECK(counted(registry, "system_process_queue_lengths", "total") == 7);
  CHECK(counted(registry, "sm_node_sessions", "count") == 3);
  CHECK(counted(registry, "tls_cert_remaining_days", "count") == 9);
  CHECK(counted(registry, "system_info", "port_count") >= 3);
  CHECK(counted(registry, "system_memory", "total") ==
        counted(registry, "system_memory", "processes") + counted(registry, "system_memory", "system"));
  CHECK(system.process().resident_bytes > 0);

  listeners.clear();
  static_cast<void>(registry.read());
  const auto all = registry.read();
  CHECK(std::ranges::none_of(all, [](const auto& each) { return each.event.name == "tls_cert_remaining_days"; }));
}
