// SPDX-License-Identifier: Apache-2.0
// Asking a worker something from a thread that is none.
#pragma once

#include <future>

#include "runtime/worker.h"

namespace meerkat {

// Runs on the worker and waits for it.
template <class Function>
auto ask(Worker& worker, Function function) {
  std::promise<decltype(function())> answer;
  worker.call([&] { answer.set_value(function()); });
  return answer.get_future().get();
}

}  // namespace meerkat
