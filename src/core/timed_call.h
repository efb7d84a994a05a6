// SPDX-License-Identifier: Apache-2.0
// A call that is awaited, counted when it begins and timed until its end, whatever way that comes:
//
//   const bool known = co_await host.counts->does_user_exist(host.accounts.exists(user));
#pragma once

#include <utility>

#include "base/clock.h"
#include "base/metrics/counted.h"
#include "runtime/task.h"

namespace meerkat {

// Calls begin and end on one worker; it is there until the last one has ended.
class TimedCall {
 public:
  TimedCall(const Clock& clock, metrics::Timed timed) : clock_(clock), timed_(std::move(timed)) {}

  // One call passes while it is there.
  class Passing {
   public:
    explicit Passing(const TimedCall& call) : call_(call), began_(call.clock_.steady()) { call.timed_.begins(); }
    ~Passing() { call_.timed_.took(call_.clock_.steady() - began_); }
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;

   private:
    const TimedCall& call_;
    const SteadyTime began_;
  };

  // What is answered, or thrown.
  template <class T>
  Task<T> operator()(Task<T> asked) const {
    const Passing passing{*this};
    co_return co_await asked;
  }

 private:
  const Clock& clock_;
  const metrics::Timed timed_;
};

}  // namespace meerkat
