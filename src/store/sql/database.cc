// SPDX-License-Identifier: Apache-2.0
#include "store/sql/database.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace meerkat::sql {
namespace {

class ChangeWork final : public SingleWork {
 public:
  explicit ChangeWork(SingleStatement statement) : SingleWork(std::move(statement)) {}
  void answered(Rows, std::uint64_t rows) override { changed = rows; }

  std::uint64_t changed = 0;
};

}  // namespace

// Hands a change to the queue; suspends only when there is something to wait for.
class Database::InQueue {
 public:
  InQueue(Database& database, BehindWork& work) : database_(database), work_(work) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    work_.resumer.remember(waiting);
    return !database_.submit_behind(work_);
  }
  void await_resume() const { work_.resumer.rethrow(); }

 private:
  Database& database_;
  BehindWork& work_;
};

Task<std::uint64_t> Database::write(std::string_view name, std::string_view text, Values arguments) {
  ChangeWork work{{name, text, nullptr, std::move(arguments)}};
  co_await OnDatabase{*this, work, &Database::submit_write};
  co_return work.changed;
}

Task<> Database::upsert(const Upsert& what, Values key, Values values) {
  std::ranges::move(values, std::back_inserter(key));
  return upsert_now(what, std::move(key));
}

Task<> Database::upsert_now(Upsert what, Values row) {
  ChangeWork work{{what.name, {}, &what, std::move(row)}};
  co_await OnDatabase{*this, work, &Database::submit_write};
}

Task<> Database::upsert_behind(const Upsert& what, Values key, Values values, Until until) {
  return behind(what, std::move(key), std::move(values), until);
}

Task<> Database::remove_behind(const Upsert& what, Values key, Until until) {
  return behind(what, std::move(key), std::nullopt, until);
}

Task<> Database::behind(Upsert what, Values key, std::optional<Values> values, Until until) {
  BehindWork work;
  work.upsert = what;
  work.key = std::move(key);
  work.values = std::move(values);
  work.wait_until_kept = until == Until::kept;
  work.may_gather = until == Until::gathered;
  co_await InQueue{*this, work};
}

Task<> Database::flush_behind() {
  BehindWork work;
  work.is_flush = true;
  co_await InQueue{*this, work};
}

}  // namespace meerkat::sql
