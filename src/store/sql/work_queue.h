// SPDX-License-Identifier: Apache-2.0
// Works in the order in which they came. Owns nothing; guarded by its owner.
#pragma once

#include <cstddef>
#include <utility>

#include "store/sql/work.h"

namespace meerkat::sql {

class WorkQueue {
 public:
  bool empty() const { return first_ == nullptr; }

  void push(Work& work) {
    work.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &work;
    last_ = &work;
  }

  Work* pop() {
    if (first_ == nullptr) return nullptr;
    Work* const work = std::exchange(first_, first_->next);
    if (first_ == nullptr) last_ = nullptr;
    return work;
  }

  // The first `most`, as a queue of their own.
  WorkQueue pop_some(std::size_t most) {
    WorkQueue some;
    for (; most > 0 && !empty(); --most) some.push(*pop());
    return some;
  }

  Work* first() const { return first_; }

 private:
  Work* first_ = nullptr;
  Work* last_ = nullptr;
};

}  // namespace meerkat::sql
