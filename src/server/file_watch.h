// SPDX-License-Identifier: Apache-2.0
// Notices that files were replaced or written anew, once whoever does that has finished.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace meerkat {

// Asked every second or so; reads no contents. One thread.
class FileWatch {
 public:
  FileWatch() = default;
  // What is there now is known already.
  explicit FileWatch(std::vector<std::filesystem::path> files);

  // True once for each change: when files are others than they were last time it was true, and have been left alone
  // since the last look.
  bool changed();

 private:
  // Of a file that is not there all are 0.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  std::vector<Stamp> look() const;

  std::vector<std::filesystem::path> files_;
  std::vector<Stamp> known_, seen_;
};

}  // namespace meerkat
