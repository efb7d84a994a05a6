// SPDX-License-Identifier: Apache-2.0
// One connection of a driver to a database of its own process: what pgsql, mysql and odbc give to the pool.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "store/sql/errors.h"
#include "store/sql/transaction.h"
#include "store/sql/work.h"

namespace meerkat::sql {

// The connection is of no more use, or nothing was heard over it in time.
class ConnectionLost : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// The database undid the transaction in favour of another one (a deadlock, a serialization failure): run again, it may
// well succeed. The connection works.
class Conflict : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// Belongs to the thread of its worker. The statements of Transaction throw ConnectionLost, Conflict, or what the
// database says of them: Constraint, BadStatement, Unavailable.
class Session : public Transaction {
 public:
  // Connects and logs in; what was there before is closed. Throws with words for the operator.
  virtual void connect(SteadyTime until) = 0;
  virtual void close() noexcept = 0;
  virtual int descriptor() const = 0;
  // The descriptor is readable though nothing was asked: throws ConnectionLost when that was the end.
  virtual void hears() = 0;
  // For all that follows, beside the driver's own limit for each statement: nothing is waited for longer than this.
  virtual void answer_by(SteadyTime until) = 0;
  // Any thread, while the session is connected: what is under way ends with ConnectionLost now.
  virtual void interrupt() noexcept = 0;
  // SELECT 1, or what does the same.
  virtual void ping() = 0;

  // Transactions. A `rollback` that fails throws ConnectionLost.
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() = 0;
  // Begins a transaction that changes tables: one server at a time, and without the limit for each statement. It ends
  // like any other.
  virtual void begin_schema_change() = 0;
  // One point to go back to within a transaction.
  virtual void set_savepoint() { run_statement("savepoint", "SAVEPOINT one", {}); }
  virtual void keep_savepoint() { run_statement("savepoint", "RELEASE SAVEPOINT one", {}); }
  virtual void undo_to_savepoint() { run_statement("savepoint", "ROLLBACK TO SAVEPOINT one", {}); }

  // Many rows of one table at once, within a transaction; `rows` has whole rows, `keys` the columns of the key. All
  // keys differ.
  virtual void run_upserts(const Upsert& what, const Rows& rows);
  virtual void run_removals(const Upsert& what, const Rows& keys);
  // Each of these two is one statement, so it needs no transaction: all of it happens, or nothing.
  virtual bool writes_rows_at_once() const { return false; }

  // Single statements outside of transactions, several on their way at once. They are answered in the order in which
  // they were sent, and one that fails does not touch the others. A driver that cannot do so does each in `receive`.
  virtual void send(SingleWork&) {}
  // Waits for the answer to the oldest one that was sent and hands it to the work, or throws what the database says.
  virtual void receive(SingleWork& oldest) { oldest.run(*this); }
  // The answer to the oldest one is there already.
  virtual bool has_answer() { return true; }
};

}  // namespace meerkat::sql
