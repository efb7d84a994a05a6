// SPDX-License-Identifier: Apache-2.0
// A database in a process of its own, reached through a pool of connections.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>

#include "store/pool/outgoing_pool.h"
#include "store/sql/behind_flusher.h"
#include "store/sql/database.h"
#include "store/sql/schema_keeper.h"
#include "store/sql/session.h"

namespace meerkat::sql {

struct PooledDatabaseSettings {
  PoolSettings pool;
  WriteBehindLimits behind;
  // How long `prepare` waits for the database, and for what it has to change there. Once it did so in vain, it does
  // not again until all is well. Without the database the server starts nevertheless.
  std::chrono::milliseconds start_timeout{10'000};
};

class PooledDatabase final : public Database {
 public:
  // Connects in the background.
  PooledDatabase(const PooledDatabaseSettings& settings, const Dialect& dialect, MakeSession make_session);
  // Writes what is queued, answers what was asked, and closes.
  ~PooledDatabase() override;

  // Within `start_timeout`. What was not done by then is remembered, and done before anything else is asked of the
  // database.
  void prepare(const Schema& schema) override;
  void migrate(const Schema& schema) override;
  const Dialect& dialect() const override { return dialect_; }
  bool available() const override { return pool_.available() && !schemas_.is_missing() && flusher_->good(); }
  OutgoingPool* pool() override { return &pool_; }

 protected:
  void submit_read(Work& work) override {
    work.may_repeat = true;
    pool_.submit(work);
  }
  void submit_write(Work& work) override { pool_.submit(work); }
  bool submit_behind(BehindWork& work) override { return flusher_->submit(work); }
  std::optional<QueuedRow> queued(const Upsert& what, std::span<const Value> key) const override {
    return flusher_->queued(what, key);
  }

 private:
  std::string trouble() const;

  const Dialect& dialect_;
  const std::chrono::milliseconds start_timeout_;
  bool waited_in_vain_ = false;  // of the thread that prepares
  SchemaKeeper schemas_;
  OutgoingPool pool_;
  std::optional<BehindFlusher> flusher_;  // ends before the pool that it writes through
};

}  // namespace meerkat::sql
