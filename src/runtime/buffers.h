// SPDX-License-Identifier: Apache-2.0
// The buffers of a worker: connections borrow them while bytes are in flight and own none while idle.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/secret.h"

namespace meerkat {

class Buffers {
 public:
  static constexpr std::size_t read_size = 64 * 1024;

  Buffers() : read_(std::make_unique<char[]>(read_size)) {}

  // The one buffer into which every connection of this worker reads; its content lasts until the next read.
  std::span<char> read() { return {read_.get(), read_size}; }

  // Somebody read a secret from these: they are wiped once the turn has ended and nobody looks at them any more.
  void hold_secret() { secret_ = true; }
  void wipe_secrets() {
    if (!secret_) return;
    wipe(read_.get(), read_size);
    wipe(opened_);
    secret_ = false;
  }

  // Decrypted bytes of the connection being served, and records on their way out.
  std::string& opened() { return opened_; }
  std::string& sealed() { return sealed_; }

  // An empty string with room in it.
  std::unique_ptr<std::string> borrow() {
    if (spare_.empty()) return std::make_unique<std::string>();
    auto buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }

  // Large buffers and those beyond a few dozen are given back to the allocator.
  void give_back(std::unique_ptr<std::string> buffer) {
    if (spare_.size() >= most_spares || buffer->capacity() > largest_spare) return;
    buffer->clear();
    spare_.push_back(std::move(buffer));
  }

 private:
  static constexpr std::size_t most_spares = 256;
  static constexpr std::size_t largest_spare = 16 * 1024;

  std::unique_ptr<char[]> read_;
  bool secret_ = false;
  std::string opened_;
  std::string sealed_;
  std::vector<std::unique_ptr<std::string>> spare_;
};

}  // namespace meerkat
