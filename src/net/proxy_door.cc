// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_door.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <utility>

#include "base/log.h"

namespace meerkat {

class ProxyDoor::Arrival final : public Watched {
 public:
  Arrival(ProxyDoor& door, int descriptor, const PeerAddress& proxy)
      : door_(door), descriptor_(descriptor), proxy_(proxy) {
    door_.worker_.loop().watch(descriptor_, *this, Interest::read);
    timer_.set(door_.worker_.timers(), longest_wait, [](void* self) { static_cast<Arrival*>(self)->too_late(); }, this);
  }
  ~Arrival() {
    stop_watching();
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void ready(Readiness) noexcept override;
  const PeerAddress& proxy() const { return proxy_; }
  void stop_watching() noexcept {
    timer_.cancel();
    if (watched_) door_.worker_.loop().forget(descriptor_);
    watched_ = false;
  }
  void close() {
    stop_watching();
    ::close(std::exchange(descriptor_, -1));
  }

  Arrival* newer = nullptr;
  Arrival* older = nullptr;

 private:
  void read();
  void too_late() { door_.turn_away(*this, "no PROXY header came in time"); }

  ProxyDoor& door_;
  int descriptor_;
  bool watched_ = true;
  const PeerAddress proxy_;
  ProxyHeader header_;
  Timer timer_;
};

void ProxyDoor::Arrival::ready(Readiness) noexcept {
  if (watched_) read();
}

// Looks at what has come, and takes only what belongs to the header.
void ProxyDoor::Arrival::read() {
  std::array<char, 1024> bytes;
  const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_PEEK);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return door_.turn_away(*this, "it was closed before its PROXY header");
  const std::size_t taken = header_.feed({bytes.data(), static_cast<std::size_t>(count)});
  ::recv(descriptor_, bytes.data(), taken, 0);
  if (header_.state() == ProxyHeader::State::wrong) return door_.turn_away(*this, header_.problem());
  if (header_.state() == ProxyHeader::State::more) return;
  stop_watching();
  const int descriptor = std::exchange(descriptor_, -1);
  const PeerAddress peer = header_.source().value_or(proxy_);
  door_.dismiss(*this);
  door_.taker_.accepted(descriptor, peer);
}

ProxyDoor::~ProxyDoor() {
  while (oldest_ != nullptr) {
    Arrival* const arrival = oldest_;
    arrival->stop_watching();
    dismiss(*arrival);
  }
}

void ProxyDoor::accepted(int descriptor, const PeerAddress& proxy) noexcept {
  if (count_ >= most_waiting) turn_away(*oldest_, "too many connections wait for their PROXY header");
  try {
    auto* const arrival = std::make_unique<Arrival>(*this, descriptor, proxy).release();
    arrival->older = newest_;
    (newest_ != nullptr ? newest_->newer : oldest_) = arrival;
    newest_ = arrival;
    ++count_;
  } catch (const std::exception& failure) {
    ::close(descriptor);
    log_error("connection_refused", {{"error", failure.what()}});
  }
}

void ProxyDoor::turn_away(Arrival& arrival, std::string_view why) {
  const PeerAddress proxy = arrival.proxy();
  arrival.close();
  dismiss(arrival);
  taker_.refused(proxy, why);
}

void ProxyDoor::dismiss(Arrival& arrival) {
  (arrival.newer != nullptr ? arrival.newer->older : newest_) = arrival.older;
  (arrival.older != nullptr ? arrival.older->newer : oldest_) = arrival.newer;
  --count_;
  worker_.bury(std::unique_ptr<Arrival>{&arrival});
}

}  // namespace meerkat
