// SPDX-License-Identifier: Apache-2.0
#include "store/sql/schema_keeper.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meerkat::sql {
namespace {

// Indexes of large tables take their time, and another server may be at it already.
constexpr std::chrono::minutes longest_change{30};

}  // namespace

void SchemaKeeper::add(const Schema& schema) {
  const std::lock_guard lock{mutex_};
  const auto applied = applied_.find(schema.name);
  if (schemas_.empty() && applied != applied_.end() && applied->second == form_of(schema)) return;
  schemas_.push_back(schema);
  missing_.store(true, std::memory_order_release);
}

void SchemaKeeper::forget(const Schema& schema) {
  const std::lock_guard lock{mutex_};
  std::erase_if(schemas_, [&schema](const Schema& each) { return each.name == schema.name; });
  refusal_ = nullptr;
  missing_.store(!schemas_.empty(), std::memory_order_release);
}

SchemaKeeper::Form SchemaKeeper::form_of(const Schema& schema) {
  Form form;
  for (const Migration& migration : schema.migrations) form.newest = std::max(form.newest, migration.number);
  for (const Table& table : schema.tables) form.columns += table.columns.size();
  return form;
}

void SchemaKeeper::apply_missing(Session& session) {
  const std::lock_guard one_at_a_time{applying_};
  std::unique_lock lock{mutex_};
  while (!schemas_.empty()) {
    const Schema schema = schemas_.front();
    lock.unlock();
    try {
      apply_to(session, schema);
    } catch (const Unavailable&) {
      throw;
    } catch (...) {
      lock.lock();
      refusal_ = std::current_exception();  // for who prepares the schema; the operator reads it of the worker
      throw;
    }
    lock.lock();
    refusal_ = nullptr;
    applied_.insert_or_assign(std::string{schema.name}, form_of(schema));
    // It may have been forgotten meanwhile.
    if (!schemas_.empty() && schemas_.front().name == schema.name) schemas_.erase(schemas_.begin());
  }
  missing_.store(false, std::memory_order_release);
}

void SchemaKeeper::apply_to(Session& session, const Schema& schema) const {
  session.answer_by(std::chrono::steady_clock::now() + longest_change);
  session.begin_schema_change();
  try {
    apply(schema, session, database_);
    session.commit();
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    session.rollback();
    throw;  // with nothing left behind
  }
}

void SchemaKeeper::throw_refusal() const {
  const std::lock_guard lock{mutex_};
  if (refusal_) std::rethrow_exception(refusal_);
}

}  // namespace meerkat::sql
