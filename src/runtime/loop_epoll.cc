// SPDX-License-Identifier: Apache-2.0
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "runtime/loop.h"

namespace meerkat {
namespace {

std::uint32_t in_epoll(Interest interest) {
  switch (interest) {
    case Interest::none:
      return 0;
    case Interest::read:
      return EPOLLIN | EPOLLRDHUP;
    case Interest::write:
      return EPOLLOUT;
    case Interest::both:
      return EPOLLIN | EPOLLRDHUP | EPOLLOUT;
  }
  return 0;
}

}  // namespace

struct Loop::Kernel {
  int epoll = -1;
  int wake = -1;
  std::array<epoll_event, 512> events;

  ~Kernel() {
    if (epoll >= 0) ::close(epoll);
    if (wake >= 0) ::close(wake);
  }

  void control(int operation, int descriptor, Watched* who, Interest interest) const {
    epoll_event event{};
    event.events = in_epoll(interest);
    event.data.ptr = who;
    if (::epoll_ctl(epoll, operation, descriptor, &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
};

Loop::Loop() : kernel_(std::make_unique<Kernel>()) {
  kernel_->epoll = ::epoll_create1(EPOLL_CLOEXEC);
  kernel_->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (kernel_->epoll < 0 || kernel_->wake < 0) throw std::system_error(errno, std::generic_category(), "epoll");
  // Edge-triggered: every write wakes once, and nobody has to read, which spares a system call for each wake-up.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (::epoll_ctl(kernel_->epoll, EPOLL_CTL_ADD, kernel_->wake, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

Loop::~Loop() = default;

void Loop::watch(int descriptor, Watched& who, Interest interest) {
  kernel_->control(EPOLL_CTL_ADD, descriptor, &who, interest);
}

void Loop::change(int descriptor, Watched& who, Interest interest) {
  kernel_->control(EPOLL_CTL_MOD, descriptor, &who, interest);
}

void Loop::forget(int descriptor) noexcept { ::epoll_ctl(kernel_->epoll, EPOLL_CTL_DEL, descriptor, nullptr); }

int Loop::turn(std::chrono::milliseconds longest) {
  auto& events = kernel_->events;
  const int timeout = longest.count() < 0 ? -1 : static_cast<int>(longest.count());
  const int count = ::epoll_wait(kernel_->epoll, events.data(), static_cast<int>(events.size()), timeout);
  if (count < 0) {
    if (errno == EINTR) return 0;
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) continue;  // woken; the counter need not be read
    const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    static_cast<Watched*>(event.data.ptr)
        ->ready({.read = (event.events & EPOLLIN) != 0,
                 .write = (event.events & EPOLLOUT) != 0,
                 .hang_up = failed || (event.events & EPOLLRDHUP) != 0});
  }
  return count;
}

void Loop::wake() noexcept {
  const std::uint64_t once = 1;
  [[maybe_unused]] const auto written = ::write(kernel_->wake, &once, sizeof once);
}

}  // namespace meerkat
