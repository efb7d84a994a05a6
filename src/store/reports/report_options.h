// SPDX-License-Identifier: Apache-2.0
// Tables of [[instrumentation.exometer.report.…]], with MongooseIM's keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/section.h"

namespace meerkat::reports {

struct GraphiteOptions {
  std::string host;
  std::uint16_t port = 2003;
  std::chrono::milliseconds interval{60'000};
  std::chrono::milliseconds connect_timeout{5'000};
  std::string api_key;
  std::string prefix;
  std::string env_prefix;

  friend bool operator==(const GraphiteOptions&, const GraphiteOptions&) = default;
};

struct StatsdOptions {
  std::string host;
  std::uint16_t port = 8125;
  std::chrono::milliseconds interval{60'000};
  std::string prefix;
  std::string env_prefix;

  friend bool operator==(const StatsdOptions&, const StatsdOptions&) = default;
};

config::Section<GraphiteOptions> graphite_section();
config::Section<StatsdOptions> statsd_section();

// "graphite:carbon.example.org:2003", as logs name it.
std::string name_of(const GraphiteOptions& options);
std::string name_of(const StatsdOptions& options);

// What stands before every name: the key, the value of the environment variable, the prefix, as far as there are such.
std::string prefix_of(const GraphiteOptions& options);
std::string prefix_of(const StatsdOptions& options);

}  // namespace meerkat::reports
