// SPDX-License-Identifier: Apache-2.0
#include "server/watchdog.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <future>
#include <latch>
#include <string>

#include "base/log.h"
#include "server/notify.h"

using namespace meerkat;

namespace {

// The other end of sd_notify: a socket in the abstract namespace, named in the environment.
class FakeSystemd {
 public:
  FakeSystemd() : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    const std::string name = "@meerkat-test-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~FakeSystemd() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;

  std::string hears() const {
    char buffer[500];
    const ssize_t size = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    return size > 0 ? std::string{buffer, static_cast<std::size_t>(size)} : std::string{};
  }

 private:
  const int socket_;
};

class SilentLog {
 public:
  SilentLog() { set_log_level(LogLevel::none); }
  ~SilentLog() { set_log_level(before_); }
  SilentLog(const SilentLog&) = delete;
  SilentLog& operator=(const SilentLog&) = delete;

 private:
  const LogLevel before_ = log_level();
};

// Waits until the worker has read its mail.
void let_turn(Worker& worker) {
  std::promise<void> turned;
  worker.call([&] { turned.set_value(); });
  turned.get_future().wait();
}

}  // namespace

TEST_CASE("systemd hears that the service is ready, reloads, lives and stops") {
  const FakeSystemd systemd;

  notify_ready("listening on 2 addresses");
  CHECK(systemd.hears() == "READY=1\nSTATUS=listening on 2 addresses\n");
  notify_reloading();
  const std::string reloading = systemd.hears();
  CHECK(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify_watchdog();
  CHECK(systemd.hears() == "WATCHDOG=1\n");
  notify_stopping();
  CHECK(systemd.hears().starts_with("STOPPING=1\n"));
}

TEST_CASE("a status cannot smuggle in another line") {
  CHECK(notify_line("STATUS", "a\nREADY=1") == "STATUS=a\\nREADY=1\n");
}

TEST_CASE("without systemd nothing is sent, and nothing breaks") {
  ::unsetenv("NOTIFY_SOCKET");
  notify_ready("nobody listens");
  CHECK(!wanted_watchdog_interval());
}

TEST_CASE("the watchdog's interval is ours only if it was meant for this process") {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  CHECK(wanted_watchdog_interval() == std::chrono::seconds{30});
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(wanted_watchdog_interval() == std::chrono::seconds{30});
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK(!wanted_watchdog_interval());
  ::setenv("WATCHDOG_USEC", "often", 1);
  ::unsetenv("WATCHDOG_PID");
  CHECK(!wanted_watchdog_interval());
  ::unsetenv("WATCHDOG_USEC");
}

TEST_CASE("a stuck worker keeps the watchdog from being fed until it moves again") {
  const SilentLog silent;
  const SystemClock clock;
  Workers workers{2, clock};
  workers.start();
  Pulse pulse{workers};
  CHECK(pulse.beat());
  for (const auto& worker : workers) let_turn(*worker);
  CHECK(pulse.beat());
  for (const auto& worker : workers) let_turn(*worker);

  std::latch busy{1}, released{1};
  workers[1].call([&] {
    busy.count_down();
    released.wait();
  });
  busy.wait();
  CHECK(pulse.beat());  // asked now, it was well at the last beat
  let_turn(workers[0]);
  CHECK(!pulse.beat());
  CHECK(!pulse.beat());
  released.count_down();
  for (const auto& worker : workers) let_turn(*worker);
  CHECK(pulse.beat());

  workers.stop();
}

TEST_CASE("the watchdog feeds systemd as long as the workers turn") {
  const SilentLog silent;
  const FakeSystemd systemd;
  const SystemClock clock;
  Workers workers{1, clock};
  workers.start();
  std::promise<void> fed;
  int times = 0;
  {
    const Watchdog watchdog{workers, std::chrono::milliseconds{1}, [&] {
                              notify_watchdog();
                              if (++times == 2) fed.set_value();
                            }};
    fed.get_future().wait();
  }
  CHECK(systemd.hears() == "WATCHDOG=1\n");
  workers.stop();
}
