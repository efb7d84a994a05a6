// SPDX-License-Identifier: Apache-2.0
#include "store/sql/sqlite_connection.h"

#include <mutex>
#include <type_traits>

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/sql/dialect.h"

namespace meerkat::sql {
namespace {

// More statements than any server declares: whoever builds texts must not fill the memory with them.
constexpr std::size_t most_prepared = 1000;

void configure_library() {
  // Its counters of memory use cost one global lock per allocation, and nobody reads them.
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

void bind(sqlite3_stmt* statement, int index, const Value& value) {
  const auto bind_content = [&](const auto& content) {
    using Content = std::decay_t<decltype(content)>;
    if constexpr (std::is_same_v<Content, std::monostate>)
      sqlite3_bind_null(statement, index);
    else if constexpr (std::is_same_v<Content, std::int64_t>)
      sqlite3_bind_int64(statement, index, content);
    else if constexpr (std::is_same_v<Content, double>)
      sqlite3_bind_double(statement, index, content);
    else if constexpr (std::is_same_v<Content, std::string>)
      sqlite3_bind_text64(statement, index, content.data(), content.size(), SQLITE_STATIC, SQLITE_UTF8);
    else
      // A null pointer would bind NULL, which is not the same as no bytes.
      sqlite3_bind_blob64(statement, index, content.bytes.data() != nullptr ? content.bytes.data() : "",
                          content.bytes.size(), SQLITE_STATIC);
  };
  std::visit(bind_content, value.content());
}

Value cell_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      if (text == nullptr) throw Unavailable("out of memory");
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return Blob{bytes == nullptr ? std::string{} : std::string(bytes, size)};
    }
    default:
      return {};
  }
}

Constraint::Kind constraint_kind(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return Constraint::Kind::duplicate;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Constraint::Kind::foreign_key;
    default:
      return Constraint::Kind::other;
  }
}

}  // namespace

// The arguments are bound without copies, so they must outlive the use.
class SqliteConnection::Use {
 public:
  Use(const SqliteConnection& connection, sqlite3_stmt* statement, std::string_view name,
      std::span<const Value> arguments)
      : connection_(connection), statement_(statement), name_(name) {
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != arguments.size())
      throw BadStatement(fmt::format("{}: {} parameters, {} arguments", name, sqlite3_bind_parameter_count(statement),
                                     arguments.size()));
    int index = 0;
    for (const Value& value : arguments) bind(statement, ++index, value);
  }
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  // True when there is a row.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) connection_.fail(name_, code);
    return false;
  }

 private:
  const SqliteConnection& connection_;
  sqlite3_stmt* statement_;
  std::string_view name_;
};

void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

SqliteConnection::SqliteConnection(const std::filesystem::path& file, Mode mode, std::chrono::milliseconds busy_timeout)
    : mode_(mode) {
  configure_library();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read ? 0 : SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(file.c_str(), &connection_, flags, nullptr);
  try {
    if (code != SQLITE_OK) fail("open", code);
    sqlite3_busy_timeout(connection_, static_cast<int>(busy_timeout.count()));
    // Checked first, and with a word of its own: a file that is no database says so here.
    run_query("open", "SELECT COUNT(*) FROM sqlite_master", {}, 1);
    Rows log = run_query("open", "PRAGMA journal_mode = WAL", {}, 1);
    if (mode != Mode::in_memory && (log.count() == 0 || log.cells[0] != Value{"wal"}))
      throw Unavailable("this file system does not allow a write-ahead log (shared memory is needed; no NFS)");
    simple("PRAGMA synchronous = FULL");
    simple("PRAGMA foreign_keys = ON");
    simple("PRAGMA temp_store = MEMORY");
    // Small on purpose: the kernel caches the file once for all connections.
    simple(mode == Mode::read ? "PRAGMA cache_size = -512" : "PRAGMA cache_size = -4000");
    run_query("open", "PRAGMA journal_size_limit = 67108864", {}, 1);
    if (mode == Mode::read) simple("PRAGMA query_only = ON");
    statements_.clear();
  } catch (...) {
    statements_.clear();
    sqlite3_close_v2(connection_);  // the destructor does not run; then rethrown with nothing left behind
    throw;
  }
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  upserts_.clear();
  removals_.clear();
  sqlite3_close(connection_);
}

void SqliteConnection::fail(std::string_view name, int code) const {
  const char* const words = connection_ != nullptr ? sqlite3_errmsg(connection_) : sqlite3_errstr(code);
  const std::string message = fmt::format("{}: {} ({})", name, words, code);
  // A reader's connection writes nothing, whatever the disk allows.
  if ((code & 0xff) == SQLITE_READONLY && mode_ == Mode::read) throw BadStatement(message);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      throw Constraint(constraint_kind(code), message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ABORT:
    case SQLITE_INTERRUPT:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw Unavailable(message);
    default:
      throw BadStatement(message);
  }
}

sqlite3_stmt* SqliteConnection::prepared(Cache& cache, std::string_view cache_key, std::string_view name,
                                         std::string_view text) {
  if (const auto found = cache.find(cache_key); found != cache.end()) return found->second.get();
  if (cache.size() >= most_prepared) cache.clear();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_, text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(name, code);
  if (statement == nullptr) throw BadStatement(fmt::format("{}: no statement", name));
  cache.emplace(std::string{cache_key}, Prepared{statement});
  return statement;
}

Rows SqliteConnection::run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                                 std::size_t most_rows) {
  sqlite3_stmt* const statement = prepared_for(name, text);
  Use use{*this, statement, name, arguments};
  Rows rows;
  rows.columns = static_cast<std::size_t>(sqlite3_column_count(statement));
  for (std::size_t count = 0; count < most_rows && use.step(); ++count)
    for (std::size_t i = 0; i < rows.columns; ++i) rows.cells.push_back(cell_of(statement, static_cast<int>(i)));
  return rows;
}

std::uint64_t SqliteConnection::change_with(sqlite3_stmt* statement, std::string_view name,
                                            std::span<const Value> arguments) {
  // A statement that changes no rows (DDL, BEGIN) leaves the counter of the one before.
  const auto before = sqlite3_total_changes64(connection_);
  Use use{*this, statement, name, arguments};
  while (use.step()) {
  }
  if (sqlite3_total_changes64(connection_) == before) return 0;
  return static_cast<std::uint64_t>(sqlite3_changes64(connection_));
}

std::uint64_t SqliteConnection::run_statement(std::string_view name, std::string_view text,
                                              std::span<const Value> arguments) {
  return change_with(prepared_for(name, text), name, arguments);
}

std::uint64_t SqliteConnection::run_upsert(const Upsert& upsert, std::span<const Value> row) {
  auto found = upserts_.find(upsert.name);
  sqlite3_stmt* const statement = found != upserts_.end()
                                      ? found->second.get()
                                      : prepared(upserts_, upsert.name, upsert.name, dialect().upsert(upsert));
  return change_with(statement, upsert.name, row);
}

std::uint64_t SqliteConnection::run_removal(const Upsert& upsert, std::span<const Value> key) {
  auto found = removals_.find(upsert.name);
  sqlite3_stmt* const statement = found != removals_.end()
                                      ? found->second.get()
                                      : prepared(removals_, upsert.name, upsert.name, dialect().removal(upsert));
  return change_with(statement, upsert.name, key);
}

const Dialect& SqliteConnection::dialect() const { return sqlite_dialect(); }

void SqliteConnection::begin() { simple("BEGIN IMMEDIATE"); }
void SqliteConnection::commit() { simple("COMMIT"); }
void SqliteConnection::set_savepoint() { simple("SAVEPOINT one"); }
void SqliteConnection::keep_savepoint() { simple("RELEASE one"); }
void SqliteConnection::undo_to_savepoint() {
  simple("ROLLBACK TO one");
  simple("RELEASE one");
}

void SqliteConnection::rollback() noexcept {
  if (in_transaction()) sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

void SqliteConnection::checkpoint() {
  sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace meerkat::sql
