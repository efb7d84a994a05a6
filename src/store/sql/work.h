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

#include "store/pool/call.h"
#include "store/sql/query.h"
#include "store/sql/transaction.h"

namespace meerkat::sql {

struct SingleStatement {
  std::string_view name;
  std::string_view text;           // empty for an upsert
  const Upsert* upsert = nullptr;  // its row are the arguments, the key first
  Values arguments;
  std::size_t most_rows = 0;  // that a query brings; 0 for what only changes
};

class SingleWork;

// Runs once on a database thread (a driver may repeat it when it undid the first run), then `finished` is called once;
// after that the work may be gone.
class Work : public Call {
 public:
  virtual void run(Transaction& transaction) = 0;
  // When `run` is a single statement, drivers may send that ahead, beside others. Null for all else.
  virtual SingleWork* single() { return nullptr; }

  bool several_statements = false;  // needs to be undone as a whole
  std::exception_ptr failure;       // the driver's note between run and finished

 protected:
  ~Work() = default;
};

class AwaitedWork : public Work {
 public:
  void finished(std::exception_ptr failure) noexcept final { resumer.resume(std::move(failure)); }
  Resumer resumer;
};

class SingleWork : public AwaitedWork {
 public:
  explicit SingleWork(SingleStatement statement) : statement(std::move(statement)) {}
  void run(Transaction& transaction) final;
  SingleWork* single() final { return this; }

  // What it brought. Throws BadStatement when the rows are not what was expected.
  virtual void answered(Rows rows, std::uint64_t changed) = 0;

  const SingleStatement statement;
};

template <class Row>
class OneWork final : public SingleWork {
 public:
  OneWork(std::string_view name, std::string_view text, Values arguments)
      : SingleWork({name, text, nullptr, std::move(arguments), 1}) {}
  void answered(Rows rows, std::uint64_t) override {
    if (rows.count() > 0) row = unpack<Row>(statement.name, std::span{rows.cells}.first(rows.columns));
  }

  std::optional<Row> row;
};

template <class Row>
class AllWork final : public SingleWork {
 public:
  AllWork(std::string_view name, std::string_view text, Values arguments)
      : SingleWork({name, text, nullptr, std::move(arguments), Transaction::every_row}) {}
  void answered(Rows brought, std::uint64_t) override { rows = unpack_all<Row>(statement.name, std::move(brought)); }

  std::vector<Row> rows;
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

// What stands in the write-behind queue for a row.
struct QueuedRow {
  std::optional<Values> values;  // nothing: the row will be removed
};

// One change for the write-behind queue; without values the row is removed. Or, without either, the wish for a flush.
struct BehindWork {
  Upsert upsert;
  Values key;
  std::optional<Values> values;
  bool wait_until_kept = true;
  bool may_gather = false;  // it need not be written soon
  bool is_flush = false;
  BehindWork* next = nullptr;
  Resumer resumer;
};

}  // namespace meerkat::sql
