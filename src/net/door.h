// SPDX-License-Identifier: Apache-2.0
// A listening port as one worker has it: its socket, the options that those who come are served by, and the proxy in
// front of it, if there is one.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "net/listener.h"
#include "net/proxy_door.h"

namespace meerkat {

// Who serves those who come in at doors with such options.
template <class Options>
class DoorKeeper {
 public:
  // The descriptor is the keeper's own.
  virtual void came(int descriptor, const PeerAddress& peer, const Options& options) noexcept = 0;
  // No header of the PROXY protocol, or a wrong one; it is closed already.
  virtual void came_without_header(const PeerAddress& proxy, std::string_view why) noexcept = 0;

 protected:
  ~DoorKeeper() = default;
};

// All doors of one keeper. Options have `address` (ListenAddress) and `proxy_protocol`; which door is meant is told by
// the options that it has, so no two doors may share them. Lives on one worker.
template <class Options>
class Doors {
 public:
  Doors(Worker& here, DoorKeeper<Options>& keeper) : worker_(here), keeper_(keeper) {}

  // Takes a listening descriptor.
  void open(int descriptor, std::shared_ptr<const Options> options) {
    doors_.push_back(std::make_unique<Door>(worker_, keeper_, descriptor, std::move(options)));
  }
  // Who comes from now on is served by others.
  void change(const Options& from, std::shared_ptr<const Options> to) {
    const auto door = find(from);
    if (door == doors_.end()) return;
    // With or without PROXY headers it is another door on the same socket; who waits in the socket goes on there, and
    // who has not sent his header yet has to come again.
    if (from.proxy_protocol == to->proxy_protocol)
      (*door)->change(std::move(to));
    else if (const int again = (*door)->duplicate(); again >= 0)
      *door = std::make_unique<Door>(worker_, keeper_, again, std::move(to));
  }
  void close(const Options& which) {
    if (const auto door = find(which); door != doors_.end()) doors_.erase(door);
  }
  void close_all() { doors_.clear(); }
  bool has(const Options& options) const { return find(options) != doors_.end(); }

 private:
  class Door final : public ConnectionTaker {
   public:
    Door(Worker& here, DoorKeeper<Options>& keeper, int descriptor, std::shared_ptr<const Options> options)
        : keeper_(keeper),
          options_(std::move(options)),
          proxy_(options_->proxy_protocol ? std::optional<ProxyDoor>{std::in_place, here, *this} : std::nullopt),
          listener_(here, descriptor, proxy_ ? static_cast<ConnectionTaker&>(*proxy_) : *this) {}

    const Options& options() const { return *options_; }
    void change(std::shared_ptr<const Options> options) {
      listener_.set_backlog(options->address.backlog);
      options_ = std::move(options);
    }
    // Another descriptor of the same socket; negative when there is none left.
    int duplicate() const { return listener_.duplicate(); }
    void accepted(int descriptor, const PeerAddress& peer) noexcept override {
      keeper_.came(descriptor, peer, *options_);
    }
    void refused(const PeerAddress& proxy, std::string_view why) noexcept override {
      keeper_.came_without_header(proxy, why);
    }

   private:
    DoorKeeper<Options>& keeper_;
    std::shared_ptr<const Options> options_;
    std::optional<ProxyDoor> proxy_;
    Listener listener_;
  };

  auto find(const Options& options) {
    return std::ranges::find(doors_, &options, [](const auto& door) { return &door->options(); });
  }
  auto find(const Options& options) const {
    return std::ranges::find(doors_, &options, [](const auto& door) { return &door->options(); });
  }

  Worker& worker_;
  DoorKeeper<Options>& keeper_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace meerkat
