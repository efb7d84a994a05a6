// SPDX-License-Identifier: Apache-2.0
// Works in the order in which they came. Owns nothing; guarded by its owner.
#pragma once

#include <cstddef>

#include "store/sql/work.h"

namespace meerkat::sql {

class WorkQueue {
 public:
  bool empty() const { return calls_.empty(); }
  void push(Work& work) { calls_.push(work); }
  Work* pop() { return static_cast<Work*>(calls_.pop()); }

  // The first `most`, as a queue of their own.
  WorkQueue pop_some(std::size_t most) {
    WorkQueue some;
    for (; most > 0 && !empty(); --most) some.push(*pop());
    return some;
  }

  Work* first() const { return static_cast<Work*>(calls_.first()); }
  static Work* after(const Work& work) { return static_cast<Work*>(work.next); }

 private:
  CallQueue calls_;  // of works alone
};

}  // namespace meerkat::sql
