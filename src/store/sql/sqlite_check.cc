// SPDX-License-Identifier: Apache-2.0
#include "store/sql/sqlite_check.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <exception>
#include <string_view>
#include <tuple>

#include "store/sql/query.h"
#include "store/sql/sqlite.h"
#include "store/sql/sqlite_connection.h"

namespace meerkat::sql {
namespace {

constexpr Query<std::tuple<std::string>> quick_check{"check_quick", "PRAGMA quick_check(1)"};
constexpr Query<std::tuple<std::int64_t>> has_migrations{
    "check_has_migrations", "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"};
constexpr Query<std::tuple<std::string, std::int64_t>> versions{
    "check_versions", "SELECT name, MAX(number) FROM schema_migrations GROUP BY name ORDER BY name"};

// The lock of a server that runs is not ours to take, so we only see whether it could be had.
bool is_locked(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool locked = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return locked;
}

}  // namespace

StoreState look_at_sqlite(const std::filesystem::path& directory) {
  StoreState state;
  const std::filesystem::path file = directory / sqlite_file_name;
  std::error_code ignored;
  state.exists = std::filesystem::exists(file, ignored);
  state.in_use = is_locked(directory / "lock");
  if (!state.exists) return state;
  try {
    SqliteConnection connection{file, SqliteConnection::Mode::read, std::chrono::seconds{5}};
    Transaction& transaction = connection;
    const auto verdict = transaction.one(quick_check);
    if (!verdict || std::get<0>(*verdict) != "ok") state.problem = verdict ? std::get<0>(*verdict) : "no answer";
    if (const auto there = transaction.one(has_migrations); there && std::get<0>(*there) > 0)
      for (auto& [name, number] : transaction.all(versions)) state.versions.emplace_back(name, number);
  } catch (const std::exception& failure) {  // told to the operator instead
    state.problem = failure.what();
  }
  return state;
}

}  // namespace meerkat::sql
