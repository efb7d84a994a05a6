// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/report_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace meerkat {
namespace {

// 0, or the number of what went wrong.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

void write_report_file(const std::filesystem::path& file, std::string_view text) {
  const std::string aside = file.string() + ".new";
  ::unlink(aside.c_str());  // of a server that was killed
  const int descriptor = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  int error = descriptor < 0 ? errno : write_all(descriptor, text);
  if (descriptor >= 0) ::close(descriptor);
  if (error == 0 && ::rename(aside.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return;
  if (descriptor >= 0) ::unlink(aside.c_str());
  throw std::runtime_error{fmt::format("{}: {}", file.string(), std::strerror(error))};
}

}  // namespace meerkat
