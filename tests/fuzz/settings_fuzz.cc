// SPDX-License-Identifier: Apache-2.0
// Any bytes as the configuration file, and as the one of the sample server that has every kind of option: problems are
// reported with places that exist, nothing crashes, and what is accepted can be configured.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/sample_server.h"
#include "config/toml_reader.h"
#include "require.h"
#include "server/configuration.h"

using namespace meerkat;
using meerkat::fuzz::require;

namespace {

void is_told_well(const config::Problems& problems, std::string_view text) {
  require(problems.report().empty() == problems.all().empty(), "each problem is told");
  const auto lines = std::ranges::count(text, '\n') + 1;
  for (const config::Problem& each : problems.all()) {
    require(!each.message.empty(), "a problem has words");
    require(each.place.line <= static_cast<std::size_t>(lines), "a problem has its place in the file",
            config::line_of(each));
  }
}

void read_sample(std::string_view text) {
  static const config::Section<config::sample::Server> section = config::sample::section();
  config::Problems problems;
  const auto root = config::read_toml(text, "fuzz.toml", problems);
  require(root.has_value() != problems.any_errors(), "a file that is refused says why, and only then");
  if (root) section.read(&*root, problems);
  is_told_well(problems, text);
}

void read_whole(std::string_view text) {
  config::Problems problems;
  auto root = config::read_toml(text, "fuzz.toml", problems);
  if (root) configure(std::move(*root), problems);
  is_told_well(problems, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  read_sample(text);
  read_whole(text);
  return 0;
}
