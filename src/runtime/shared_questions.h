// SPDX-License-Identifier: Apache-2.0
// One question at a time for each key: whoever asks for the same while an answer is under way waits for that one.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/task.h"
#include "runtime/worker.h"

namespace meerkat {

// Lives on one worker, and longer than all who ask.
template <class Key, class Value>
class SharedQuestions {
 public:
  // What `ask()`, a task, brings or throws. `keep(value)` is called for whoever asked first, unless the question was
  // overtaken meanwhile.
  template <class Ask, class Keep>
  Task<Value> answer(Key key, Ask ask, Keep keep) {
    if (const auto other = under_way_.find(key); other != under_way_.end()) {
      const std::shared_ptr<Question> same = other->second;
      Value value = co_await *same;
      co_return value;
    }
    const auto mine = std::make_shared<Question>();
    under_way_.emplace(key, mine);
    try {
      mine->value = co_await ask();
    } catch (...) {
      mine->failure = std::current_exception();
    }
    for (const auto asker : std::exchange(mine->waiting, {})) Worker::current()->resume(asker);
    const auto place = under_way_.find(key);
    if (place != under_way_.end() && place->second == mine) {
      under_way_.erase(place);
      if (mine->value) keep(*mine->value);
    }
    co_return mine->await_resume();
  }

  // A change overtakes the question: those who wait get its answer, but nobody keeps it, and the next one asks anew.
  void overtake(const Key& key) { under_way_.erase(key); }
  void overtake_all() { under_way_.clear(); }

 private:
  struct Question {
    std::optional<Value> value;
    std::exception_ptr failure;
    std::vector<std::coroutine_handle<>> waiting;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> asker) { waiting.push_back(asker); }
    Value await_resume() const {
      if (failure) std::rethrow_exception(failure);
      return *value;
    }
  };

  std::unordered_map<Key, std::shared_ptr<Question>> under_way_;
};

}  // namespace meerkat
