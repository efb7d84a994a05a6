// SPDX-License-Identifier: Apache-2.0
#include "server/file_watch.h"

#include <sys/stat.h>

#include <utility>

namespace meerkat {

FileWatch::FileWatch(std::vector<std::filesystem::path> files)
    : files_(std::move(files)), known_(look()), seen_(known_) {}

bool FileWatch::changed() {
  std::vector<Stamp> now = look();
  const bool at_rest = now == seen_;
  seen_ = std::move(now);
  if (!at_rest || seen_ == known_) return false;
  known_ = seen_;
  return true;
}

std::vector<FileWatch::Stamp> FileWatch::look() const {
  std::vector<Stamp> stamps;
  stamps.reserve(files_.size());
  for (const std::filesystem::path& file : files_) {
    struct stat status{};
    Stamp stamp;
    // Through symbolic links: certificates are often replaced by turning one round.
    if (::stat(file.c_str(), &status) == 0)
      stamp = {.device = status.st_dev,
               .inode = status.st_ino,
               .size = static_cast<std::uint64_t>(status.st_size),
               .seconds = status.st_mtim.tv_sec,
               .nanoseconds = status.st_mtim.tv_nsec};
    stamps.push_back(stamp);
  }
  return stamps;
}

}  // namespace meerkat
