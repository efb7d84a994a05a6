// SPDX-License-Identifier: Apache-2.0
// Runs fuzz targets on files that are kept, without libFuzzer: corpora_replay TARGET FILE…
// Each name is said before its file is run, so that the last one is to blame when it breaks.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "fuzz_targets.inc"

int main(int count, char** words) {
  if (count < 2) return 2;
  for (const auto& target : fuzz_targets) {
    if (target.name != words[1]) continue;
    for (int i = 2; i < count; ++i) {
      std::printf("%s\n", words[i]);
      std::fflush(stdout);
      std::ifstream file{words[i], std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
      const std::unique_ptr<std::uint8_t[]> alone{new std::uint8_t[bytes.size()]};  // reads outside of it are seen
      bytes.copy(reinterpret_cast<char*>(alone.get()), bytes.size());
      target.run(alone.get(), bytes.size());
    }
    return 0;
  }
  std::fprintf(stderr, "there is no fuzz target %s\n", words[1]);
  return 2;
}
