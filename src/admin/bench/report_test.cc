// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/report.h"

#include <doctest/doctest.h>

using namespace meerkat::bench;

TEST_CASE("a report reads as lines and as one line of JSON") {
  Report report;
  report.word("mode", "login");
  report.count("failed", 0);
  report.figure("logins_per_s", 1234.56);
  report.figure("server_cpu_ms_per_login", 0.06789);
  report.word("first_failure", "say \"please\"\n");

  CHECK(report.json() ==
        "{\"mode\": \"login\", \"failed\": 0, \"logins_per_s\": 1235, \"server_cpu_ms_per_login\": 0.0679, "
        "\"first_failure\": \"say \\\"please\\\"\\u000a\"}\n");
  CHECK(report.text().starts_with("mode                     login\nfailed                   0\n"));
}
