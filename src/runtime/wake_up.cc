// SPDX-License-Identifier: Apache-2.0
#include "runtime/wake_up.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace meerkat {
namespace {

int new_eventfd() {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
  return descriptor;
}

}  // namespace

WakeUp::WakeUp() : descriptor_(new_eventfd()) {}

WakeUp::~WakeUp() { ::close(descriptor_); }

void WakeUp::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void WakeUp::hush() noexcept {
  std::uint64_t times = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &times, sizeof times);
}

}  // namespace meerkat
