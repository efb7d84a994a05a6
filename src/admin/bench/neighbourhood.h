// SPDX-License-Identifier: Apache-2.0
// How the accounts of the mode `contacts` are laid out: first the visitors, who log in and out, then the residents, who
// stay online, then those who are never there. Every visitor has as many contacts as asked for, exactly so many of them
// residents; visitors are nobody's contact but of these, so it does not matter how many of them are there.
#pragma once

#include <algorithm>
#include <cstdint>

#include "admin/bench/options.h"

namespace meerkat::bench {

// A value. Numbers are places in the row of accounts.
class Neighbourhood {
 public:
  explicit Neighbourhood(const BenchOptions& options)
      : visitors_(options.those_measured), entries_(options.entries), online_(std::min(options.online, entries_)) {
    if (entries_ == 0) return;
    const std::uint32_t others = std::max(visitors_, entries_);
    residents_ = static_cast<std::uint32_t>(std::uint64_t{others} * online_ / entries_);
    absent_ = others - residents_;
  }

  std::uint32_t visitors() const { return visitors_; }
  std::uint32_t residents() const { return residents_; }
  std::uint32_t accounts() const { return visitors_ + residents_ + absent_; }
  std::uint32_t online_contacts() const { return online_; }
  std::uint32_t contacts() const { return entries_; }

  // The contact that stands at `place` (below `contacts`) in the list of a visitor; each is there once.
  std::uint32_t contact(std::uint32_t visitor, std::uint32_t place) const {
    if (place < online_) return visitors_ + (visitor + place) % residents_;
    return visitors_ + residents_ + (visitor + place - online_) % absent_;
  }

 private:
  std::uint32_t visitors_;
  std::uint32_t entries_;
  std::uint32_t online_;
  std::uint32_t residents_ = 0;
  std::uint32_t absent_ = 0;
};

}  // namespace meerkat::bench
