// SPDX-License-Identifier: Apache-2.0
#include "admin/prometheus_handler.h"

#include <doctest/doctest.h>

using namespace meerkat;
using admin::wanted_exposition;
using enum metrics::Exposition;

TEST_CASE("who takes text gets text, also Prometheus, and OpenMetrics goes to those who take nothing else") {
  CHECK(wanted_exposition("") == text);
  CHECK(wanted_exposition("*/*") == text);
  CHECK(wanted_exposition("application/openmetrics-text") == open_metrics);
  CHECK(wanted_exposition("application/openmetrics-text; version=1.0.0; charset=utf-8") == open_metrics);
  CHECK(wanted_exposition("Application/OpenMetrics-Text;q=0.3, */*;q=0.1") == open_metrics);
  CHECK(wanted_exposition("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
                          "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1") == text);
  CHECK(wanted_exposition("application/openmetrics-text;q=0.000") == text);
  CHECK(wanted_exposition("application/openmetrics-text, text/plain; q=0") == open_metrics);
  CHECK(wanted_exposition(",;q=,,;;=") == text);
}
