// SPDX-License-Identifier: Apache-2.0
// One run of a module: a changed module is stopped and started anew while the server runs, and what still waits inside
// the old one finishes there.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "core/module.h"

namespace meerkat {

class HostType;

// On one worker, owned by its host type: from the start of the module until it was stopped and nobody is inside.
class Generation {
 public:
  // `name` outlives everything: it is the one in the list of modules.
  Generation(HostType& host, std::string_view name) : host_(host), name_(name) {}

  std::string_view name() const { return name_; }
  // Numbers what the module registers, the same each time it starts.
  std::uint32_t next_number() { return ++last_number_; }

 private:
  friend class HostType;
  friend class Visit;

  void all_have_left() noexcept;

  HostType& host_;
  const std::string_view name_;
  std::unique_ptr<Module> module_;
  std::uint32_t last_number_ = 0;
  std::uint32_t visits_ = 0;
  bool stopped_ = false;
};

// Held by whoever waits for an answer of a module: it is there until the last one has left. Its worker only.
class Visit {
 public:
  // Null: a handler that belongs to no module.
  explicit Visit(Generation* inside) : inside_(inside) {
    if (inside_ != nullptr) ++inside_->visits_;
  }
  Visit(Visit&& other) noexcept : inside_(std::exchange(other.inside_, nullptr)) {}
  Visit& operator=(Visit&& other) noexcept {
    std::swap(inside_, other.inside_);
    return *this;
  }
  ~Visit() {
    if (inside_ != nullptr && --inside_->visits_ == 0) inside_->all_have_left();
  }

 private:
  Generation* inside_;
};

}  // namespace meerkat
