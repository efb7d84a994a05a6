// SPDX-License-Identifier: Apache-2.0
// What is handed to the threads of a database: it lives in the frame of the coroutine that awaits it.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "runtime/worker.h"
#include "store/sql/query.h"
#include "store/sql/transaction.h"

namespace meerkat::sql {

// Runs once on a database thread (a driver may repeat it when it undid the first run), then `finished` is called once;
// after that the work may be gone.
class Work {
 public:
  virtual void run(Transaction& transaction) = 0;
  virtual void finished(std::exception_ptr failure) noexcept = 0;

  Work* next = nullptr;             // the driver's queue
  bool several_statements = false;  // needs to be undone as a whole
  std::exception_ptr failure;       // the driver's note between run and finished

 protected:
  ~Work() = default;
};

// Who waits, and on which worker.
class Resumer {
 public:
  void remember(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    home_ = Worker::current();
    check(home_ != nullptr, "a database is awaited on a worker");
  }
  // Any thread; the owner may be gone when it returns.
  void resume(std::exception_ptr failure) noexcept {
    failure_ = std::move(failure);
    home_->resume(waiting_);
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::coroutine_handle<> waiting_;
  Worker* home_ = nullptr;
  std::exception_ptr failure_;
};

class AwaitedWork : public Work {
 public:
  void finished(std::exception_ptr failure) noexcept final { resumer.resume(std::move(failure)); }
  Resumer resumer;
};

template <class Row>
class OneWork final : public AwaitedWork {
 public:
  OneWork(std::string_view name, std::string_view text, Values arguments)
      : name_(name), text_(text), arguments_(std::move(arguments)) {}
  void run(Transaction& transaction) override { row = transaction.first<Row>(name_, text_, arguments_); }

  std::optional<Row> row;

 private:
  std::string_view name_;
  std::string_view text_;
  Values arguments_;
};

template <class Row>
class AllWork final : public AwaitedWork {
 public:
  AllWork(std::string_view name, std::string_view text, Values arguments)
      : name_(name), text_(text), arguments_(std::move(arguments)) {}
  void run(Transaction& transaction) override {
    rows = unpack_all<Row>(name_, transaction.run_query(name_, text_, arguments_, Transaction::every_row));
  }

  std::vector<Row> rows;

 private:
  std::string_view name_;
  std::string_view text_;
  Values arguments_;
};

template <class Function>
class FunctionWork final : public AwaitedWork {
 public:
  using Result = std::invoke_result_t<Function&, Transaction&>;
  static constexpr bool returns_nothing = std::is_void_v<Result>;

  explicit FunctionWork(Function function) : function_(std::move(function)) { several_statements = true; }
  void run(Transaction& transaction) override {
    if constexpr (returns_nothing)
      function_(transaction);
    else
      result_.emplace(function_(transaction));
  }
  Result take() {
    if constexpr (!returns_nothing) return std::move(*result_);
  }

 private:
  Function function_;
  std::optional<std::conditional_t<returns_nothing, char, Result>> result_;
};

// One change for the write-behind queue; without values the row is removed. Or, without either, the wish for a flush.
struct BehindWork {
  Upsert upsert;
  Values key;
  std::optional<Values> values;
  bool wait_until_kept = true;
  bool is_flush = false;
  BehindWork* next = nullptr;
  Resumer resumer;
};

}  // namespace meerkat::sql
