// SPDX-License-Identifier: Apache-2.0
// A relational database as the house sees it: typed calls that any worker awaits and that resume on the same worker.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/task.h"
#include "runtime/worker.h"
#include "store/sql/query.h"
#include "store/sql/transaction.h"
#include "store/sql/work.h"

namespace meerkat {
class OutgoingPool;
}

namespace meerkat::sql {

struct Schema;

// When a write through the queue answers: once it is safely in the store, or once it stands in the queue; `gathered`:
// the same, and it may wait there a quarter of a second for others to be written with it.
enum class Until : std::uint8_t { kept, queued, gathered };

// Everything may be called on any worker. Arguments are copied before the call returns its task, so what they point to
// may go. Statements themselves (Query, Statement, Upsert) are constexpr and live as long as the program.
// Throws Unavailable, Constraint or BadStatement where the task is awaited. A task once awaited is awaited to its end.
class Database {
 public:
  virtual ~Database() = default;

  // Reads run beside each other and beside the writer; they see everything that was acknowledged before.
  template <class Row, class... P>
  Task<std::optional<Row>> one(const Query<Row, P...>& query, std::type_identity_t<P>... arguments) {
    return read_one<Row>(query.name, query.text, pack(std::move(arguments)...));
  }
  template <class Row, class... P>
  Task<std::vector<Row>> all(const Query<Row, P...>& query, std::type_identity_t<P>... arguments) {
    return read_all<Row>(query.name, query.text, pack(std::move(arguments)...));
  }

  // Writes answer after they are safely in the store; many that are under way at once share one commit.
  // The answer is the number of rows that changed.
  template <class... P>
  Task<std::uint64_t> execute(const Statement<P...>& statement, std::type_identity_t<P>... arguments) {
    return write(statement.name, statement.text, pack(std::move(arguments)...));
  }
  Task<> upsert(const Upsert& what, Values key, Values values);

  // `work(transaction)` runs on the writer thread, as a whole or not at all: what it throws undoes it and is thrown
  // here. It is a plain function or a lambda, never a coroutine, so captures are safe: the caller waits. It may read
  // and write; it must not have effects elsewhere, since a driver may have to run it again, and it should be short,
  // since other writes wait.
  template <class Function>
  Task<std::invoke_result_t<Function&, Transaction&>> transaction(Function work) {
    using Result = std::invoke_result_t<Function&, Transaction&>;
    FunctionWork<Function> running{std::move(work)};
    co_await OnDatabase{*this, running, &Database::submit_write};
    if constexpr (!std::is_void_v<Result>) co_return running.take();
  }

  // The write-behind queue, for rows that are written often (last activity, markers): writes of the same key are
  // coalesced, the last one wins; they are sorted and written in one transaction after at most 20 ms or 1000 rows.
  // Queries see them when they are written, `newest` at once. `Until::queued` waits only for room in the queue; a
  // failure is then logged and tried again, not thrown.
  Task<> upsert_behind(const Upsert& what, Values key, Values values, Until until = Until::kept);
  Task<> remove_behind(const Upsert& what, Values key, Until until = Until::kept);
  // The row of a key as it will be when the queue is written. `query` brings the columns of `what.values` in their
  // order, and its arguments are the columns of `what.key`.
  template <class Row, class... P>
  Task<std::optional<Row>> newest(const Query<Row, P...>& query, const Upsert& what, std::type_identity_t<P>... key) {
    return read_newest<Row>(query.name, query.text, what, pack(std::move(key)...));
  }
  // Writes what stands in the queue now. Await it before a statement that touches many rows of a queued table.
  Task<> flush_behind();

  // Creates the declared tables and applies the migrations that are missing, as one transaction. Blocks the calling
  // thread: for the start of the server and of modules. Throws SchemaRefused or Unavailable.
  virtual void prepare(const Schema& schema) = 0;
  // The same for who has nothing else to do: waits for as long as it takes, and throws whatever goes wrong.
  virtual void migrate(const Schema& schema) { prepare(schema); }

  virtual const Dialect& dialect() const = 0;
  // False after a failure, until something succeeds.
  virtual bool available() const = 0;
  // The connections behind it; null for the embedded store, which has none.
  virtual OutgoingPool* pool() { return nullptr; }

 protected:
  // Any thread. The database runs the work on a thread of its own and calls `finished`.
  virtual void submit_read(Work& work) = 0;
  virtual void submit_write(Work& work) = 0;
  // True when it is done already: it stands in the queue, and that is all that was asked.
  virtual bool submit_behind(BehindWork& work) = 0;
  // What is queued for a key, or being written just now; nothing: the table has it. Any thread.
  virtual std::optional<QueuedRow> queued(const Upsert& what, std::span<const Value> key) const = 0;

 private:
  using Submit = void (Database::*)(Work&);
  class InQueue;

  // Hands the work over and waits for it on this worker.
  class OnDatabase {
   public:
    OnDatabase(Database& database, AwaitedWork& work, Submit submit)
        : database_(database), work_(work), submit_(submit) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      work_.resumer.remember(waiting);
      (database_.*submit_)(work_);
    }
    void await_resume() const { work_.resumer.rethrow(); }

   private:
    Database& database_;
    AwaitedWork& work_;
    Submit submit_;
  };

  template <class Row>
  Task<std::optional<Row>> read_one(std::string_view name, std::string_view text, Values arguments) {
    OneWork<Row> work{name, text, std::move(arguments)};
    co_await OnDatabase{*this, work, &Database::submit_read};
    co_return std::move(work.row);
  }
  template <class Row>
  Task<std::vector<Row>> read_all(std::string_view name, std::string_view text, Values arguments) {
    AllWork<Row> work{name, text, std::move(arguments)};
    co_await OnDatabase{*this, work, &Database::submit_read};
    co_return std::move(work.rows);
  }
  template <class Row>
  Task<std::optional<Row>> read_newest(std::string_view name, std::string_view text, Upsert what, Values key) {
    std::optional<QueuedRow> waiting = queued(what, key);
    if (!waiting) {
      auto row = co_await read_one<Row>(name, text, std::move(key));
      co_return row;
    }
    if (!waiting->values) co_return std::nullopt;
    co_return unpack<Row>(name, *waiting->values);
  }
  Task<std::uint64_t> write(std::string_view name, std::string_view text, Values arguments);
  Task<> upsert_now(Upsert what, Values row);
  Task<> behind(Upsert what, Values key, std::optional<Values> values, Until until);
};

}  // namespace meerkat::sql
