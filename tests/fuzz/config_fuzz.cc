// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file: problems are reported, nothing crashes, and the report can be printed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/sample_server.h"
#include "config/toml_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace meerkat::config;
  static const Section<sample::Server> section = sample::section();
  Problems problems;
  const auto root = read_toml({reinterpret_cast<const char*>(bytes), size}, "fuzz.toml", problems);
  if (root.has_value() == problems.any_errors()) std::abort();  // a file that is refused says why, and only then
  if (root) section.read(&*root, problems);
  if (problems.report().empty() != problems.all().empty()) std::abort();
  return 0;
}
