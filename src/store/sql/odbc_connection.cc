// SPDX-License-Identifier: Apache-2.0
#include "store/sql/odbc_connection.h"

#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "store/sql/dialect.h"
#include "store/sql/mysql_errors.h"
#include "store/sql/mysql_words.h"
#include "store/sql/postgres_errors.h"
#include "store/sql/session.h"

namespace meerkat::sql {
namespace {

// More statements than any server declares: whoever builds texts must not fill the memory with them.
constexpr std::size_t most_prepared = 1000;

// What drivers are to do where they have a choice; each understands its own words and passes over the others. Those
// that the operator gives stand before them, and count. psqlODBC: booleans and bytes are what they are, parameters go
// to the server, savepoints are set by nobody but us. MariaDB: which characters there are, which its driver wants to be
// told. SQLite: numbers have 64 bits, foreign keys are looked at.
constexpr std::string_view our_choices =
    ";BoolsAsChar=0;ByteaAsLongVarBinary=1;UseServerSidePrepare=1;Protocol=7.4-0;BigInt=1;FKSupport=1"
    ";CHARSET=utf8mb4";

constexpr int sqlite_busy = 5;
constexpr int sqlite_locked = 6;
constexpr int sqlite_constraint = 19;
constexpr std::array sqlite_troubles{8, 10, 11, 13, 14, 15, 26};  // read-only, disk, damage, full, cannot open, no file

bool is_good(SQLRETURN code) { return SQL_SUCCEEDED(code); }

SQLCHAR* words(std::string_view text) {
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));  // only read
}

void* as_pointer(std::uint64_t number) { return reinterpret_cast<void*>(number); }  // NOLINT: ODBC's way of options

SQLHANDLE environment() {
  static const SQLHANDLE handle = [] {
    SQLHANDLE made = nullptr;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &made);
    SQLSetEnvAttr(made, SQL_ATTR_ODBC_VERSION, as_pointer(SQL_OV_ODBC3), 0);
    return made;
  }();
  return handle;
}

[[noreturn]] void throw_sqlite(int number, const std::string& message) {
  if (number == sqlite_busy || number == sqlite_locked) throw Conflict(message);
  if (number == sqlite_constraint) {
    const bool is_twice = message.contains("UNIQUE") || message.contains("PRIMARY KEY");
    const bool is_foreign = message.contains("FOREIGN KEY");
    throw Constraint(is_twice     ? Constraint::Kind::duplicate
                     : is_foreign ? Constraint::Kind::foreign_key
                                  : Constraint::Kind::other,
                     message);
  }
  for (const int trouble : sqlite_troubles)
    if (number == trouble) throw Unavailable(message);
  throw BadStatement(message);
}

struct Argument {
  std::int64_t number = 0;
  double real = 0;
  SQLLEN length = 0;
};

SQLRETURN bind(SQLHANDLE statement, SQLUSMALLINT place, const Value& value, Argument& kept) {
  const auto& content = value.content();
  const auto bytes = [&](SQLSMALLINT from, SQLSMALLINT to, const std::string& text) {
    kept.length = static_cast<SQLLEN>(text.size());
    return SQLBindParameter(statement, place, SQL_PARAM_INPUT, from, to, std::max<std::size_t>(text.size(), 1), 0,
                            const_cast<char*>(text.data()), kept.length, &kept.length);
  };
  if (const auto* number = std::get_if<std::int64_t>(&content)) {
    kept.number = *number;
    return SQLBindParameter(statement, place, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &kept.number, 0,
                            &kept.length);
  }
  if (const auto* real = std::get_if<double>(&content)) {
    kept.real = *real;
    return SQLBindParameter(statement, place, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &kept.real, 0,
                            &kept.length);
  }
  if (const auto* text = std::get_if<std::string>(&content)) return bytes(SQL_C_CHAR, SQL_LONGVARCHAR, *text);
  if (const auto* blob = std::get_if<Blob>(&content)) return bytes(SQL_C_BINARY, SQL_LONGVARBINARY, blob->bytes);
  kept.length = SQL_NULL_DATA;
  return SQLBindParameter(statement, place, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, nullptr, 0, &kept.length);
}

Value number_from(const std::string& digits) {
  std::int64_t whole = 0;
  const char* const end = digits.data() + digits.size();
  if (const auto [rest, failed] = std::from_chars(digits.data(), end, whole); failed == std::errc{} && rest == end)
    return whole;
  double real = 0;
  std::from_chars(digits.data(), end, real);
  return real;
}

// A cell of any length, piece by piece. Nothing for null; `good` says whether the driver gave it.
std::optional<std::string> long_cell(SQLHANDLE statement, SQLUSMALLINT column, SQLSMALLINT type, bool& good) {
  std::string all;
  std::array<char, 8192> piece;
  const std::size_t room = piece.size() - (type == SQL_C_CHAR ? 1 : 0);
  for (;;) {
    SQLLEN length = 0;
    const SQLRETURN code = SQLGetData(statement, column, type, piece.data(), piece.size(), &length);
    good = is_good(code) || code == SQL_NO_DATA;
    if (!good || code == SQL_NO_DATA) return all;
    if (length == SQL_NULL_DATA) return std::nullopt;
    const bool is_last = length != SQL_NO_TOTAL && static_cast<std::size_t>(length) <= room;
    all.append(piece.data(), is_last ? static_cast<std::size_t>(length) : room);
    if (is_last) return all;
  }
}

std::optional<Value> cell(SQLHANDLE statement, SQLUSMALLINT column, SQLSMALLINT type) {
  SQLLEN length = 0;
  bool good = true;
  switch (type) {
    case SQL_BIT:
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT: {
      std::int64_t number = 0;
      if (!is_good(SQLGetData(statement, column, SQL_C_SBIGINT, &number, sizeof number, &length))) return std::nullopt;
      return length == SQL_NULL_DATA ? Value{} : Value{number};
    }
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE: {
      double real = 0;
      if (!is_good(SQLGetData(statement, column, SQL_C_DOUBLE, &real, sizeof real, &length))) return std::nullopt;
      return length == SQL_NULL_DATA ? Value{} : Value{real};
    }
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY: {
      auto bytes = long_cell(statement, column, SQL_C_BINARY, good);
      if (!good) return std::nullopt;
      return bytes ? Value{Blob{std::move(*bytes)}} : Value{};
    }
    default: {
      auto text = long_cell(statement, column, SQL_C_CHAR, good);
      if (!good) return std::nullopt;
      if (text && (type == SQL_DECIMAL || type == SQL_NUMERIC)) return number_from(*text);
      return Value{std::move(text)};
    }
  }
}

}  // namespace

// The statement's rows, let go of at the end.
class OdbcConnection::Cursor {
 public:
  explicit Cursor(Handle statement) : statement_(statement) {}
  ~Cursor() {
    SQLFreeStmt(statement_, SQL_CLOSE);
    SQLFreeStmt(statement_, SQL_RESET_PARAMS);
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

 private:
  Handle statement_;
};

void OdbcConnection::connect(const std::string& settings, std::chrono::seconds most,
                             std::chrono::milliseconds query_timeout) {
  limit_statements(query_timeout);
  if (!is_good(SQLAllocHandle(SQL_HANDLE_DBC, environment(), &connection_))) throw ConnectionLost("out of memory");
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(most.count(), 1));
  SQLSetConnectAttr(connection_, SQL_ATTR_LOGIN_TIMEOUT, as_pointer(seconds), SQL_IS_UINTEGER);
  const std::string all = settings + std::string{our_choices};
  std::array<SQLCHAR, 1024> used{};
  SQLSMALLINT length = 0;
  const SQLRETURN code = SQLDriverConnect(connection_, nullptr, words(all), static_cast<SQLSMALLINT>(all.size()),
                                          used.data(), used.size(), &length, SQL_DRIVER_NOPROMPT);
  expect(is_good(code), SQL_HANDLE_DBC, connection_, "connect");
  is_connected_ = true;
  ask_product();
  prepare_session();
}

// A statement keeps the limit that it was prepared with.
void OdbcConnection::limit_statements(std::chrono::milliseconds most) {
  forget_statements();
  query_timeout_ = std::chrono::ceil<std::chrono::seconds>(most);
}

void OdbcConnection::disconnect() noexcept {
  forget_statements();
  if (connection_ == nullptr) return;
  if (is_connected_) SQLDisconnect(connection_);
  SQLFreeHandle(SQL_HANDLE_DBC, connection_);
  connection_ = nullptr;
  is_connected_ = false;
}

void OdbcConnection::forget_statements() noexcept {
  for (const auto& [text, handle] : statements_) SQLFreeHandle(SQL_HANDLE_STMT, handle);
  statements_.clear();
}

void OdbcConnection::ask_product() {
  std::array<char, 100> name{};
  SQLSMALLINT length = 0;
  SQLGetInfo(connection_, SQL_DBMS_NAME, name.data(), name.size(), &length);
  const std::string_view product{name.data()};
  if (product == "PostgreSQL")
    product_ = Product::postgresql;
  else if (product == "MySQL" || product == "MariaDB")
    product_ = Product::mysql;
  else if (product == "SQLite")
    product_ = Product::sqlite;
  else
    throw ConnectionLost(
        fmt::format("{} is no database that Meerkat can use; PostgreSQL, MySQL, MariaDB and SQLite are",
                    product.empty() ? "what answers" : product));
}

void OdbcConnection::prepare_session() {
  if (product_ == Product::sqlite) return simple("PRAGMA journal_mode = WAL");
  if (product_ == Product::mysql) {
    simple(mysql_session_start);
    return simple(mysql_isolation);
  }
  simple("SET timezone = 'UTC'");
  simple("SET datestyle = 'ISO'");
}

const Dialect& OdbcConnection::dialect() const {
  if (product_ == Product::mysql) return mysql_dialect();
  return product_ == Product::sqlite ? sqlite_dialect() : odbc_postgresql_dialect();
}

void OdbcConnection::simple(std::string_view text) {
  Handle statement = nullptr;
  expect(is_good(SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement)), SQL_HANDLE_DBC, connection_, text);
  const SQLRETURN code = SQLExecDirect(statement, words(text), static_cast<SQLINTEGER>(text.size()));
  try {
    expect(is_good(code) || code == SQL_NO_DATA, SQL_HANDLE_STMT, statement, text);
  } catch (...) {
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    throw;  // with nothing left behind
  }
  SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

OdbcConnection::Handle OdbcConnection::prepared(const OdbcStatement& statement) {
  if (const auto found = statements_.find(statement.text); found != statements_.end()) return found->second;
  if (statements_.size() >= most_prepared) forget_statements();
  // SQLite's driver describes the rows by what it knows of the tables, which others may have changed: it looks.
  if (product_ == Product::sqlite) simple("SELECT 1 FROM sqlite_master LIMIT 1");
  Handle handle = nullptr;
  expect(is_good(SQLAllocHandle(SQL_HANDLE_STMT, connection_, &handle)), SQL_HANDLE_DBC, connection_, statement.name);
  statements_.emplace(statement.text, handle);
  if (query_timeout_.count() > 0)
    SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT, as_pointer(static_cast<std::uint64_t>(query_timeout_.count())),
                   SQL_IS_UINTEGER);
  const SQLRETURN code = SQLPrepare(handle, words(statement.text), static_cast<SQLINTEGER>(statement.text.size()));
  expect(is_good(code), SQL_HANDLE_STMT, handle, statement.name);
  return handle;
}

OdbcOutcome OdbcConnection::run(const OdbcStatement& statement) {
  try {
    OdbcOutcome outcome = execute(prepared(statement), statement);
    // SQLite's driver takes the types of an expression from the first row that it has ever seen of it.
    if (product_ == Product::sqlite && outcome.rows.columns > 0) forget(statement.text);
    return outcome;
  } catch (const Constraint&) {
    throw;
  } catch (...) {
    forget(statement.text);  // whatever it was, it is prepared anew the next time
    throw;
  }
}

OdbcOutcome OdbcConnection::execute(Handle handle, const OdbcStatement& statement) {
  const Cursor cursor{handle};
  std::vector<Argument> kept(statement.arguments.size());
  for (std::size_t i = 0; i < kept.size(); ++i)
    expect(is_good(bind(handle, static_cast<SQLUSMALLINT>(i + 1), statement.arguments[i], kept[i])), SQL_HANDLE_STMT,
           handle, statement.name);
  const SQLRETURN code = SQLExecute(handle);
  expect(is_good(code) || code == SQL_NO_DATA, SQL_HANDLE_STMT, handle, statement.name);
  OdbcOutcome outcome;
  SQLSMALLINT columns = 0;
  SQLNumResultCols(handle, &columns);
  if (columns == 0 || statement.most_rows == 0) {
    SQLLEN changed = 0;
    SQLRowCount(handle, &changed);
    outcome.changed = static_cast<std::uint64_t>(std::max<SQLLEN>(changed, 0));
    return outcome;
  }
  outcome.rows.columns = static_cast<std::size_t>(columns);
  std::vector<SQLSMALLINT> types(outcome.rows.columns);
  for (std::size_t i = 0; i < types.size(); ++i)
    SQLDescribeCol(handle, static_cast<SQLUSMALLINT>(i + 1), nullptr, 0, nullptr, &types[i], nullptr, nullptr, nullptr);
  for (std::size_t count = 0; count < statement.most_rows; ++count) {
    const SQLRETURN fetched = SQLFetch(handle);
    if (fetched == SQL_NO_DATA) break;
    expect(is_good(fetched), SQL_HANDLE_STMT, handle, statement.name);
    for (std::size_t i = 0; i < types.size(); ++i) {
      std::optional<Value> value = cell(handle, static_cast<SQLUSMALLINT>(i + 1), types[i]);
      expect(value.has_value(), SQL_HANDLE_STMT, handle, statement.name);
      outcome.rows.cells.push_back(std::move(*value));
    }
  }
  return outcome;
}

void OdbcConnection::forget(const std::string& text) noexcept {
  const auto found = statements_.find(text);
  if (found == statements_.end()) return;
  SQLFreeHandle(SQL_HANDLE_STMT, found->second);
  statements_.erase(found);
}

void OdbcConnection::set_autocommit(bool on) {
  const SQLRETURN code = SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT,
                                           as_pointer(on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF), SQL_IS_UINTEGER);
  expect(is_good(code), SQL_HANDLE_DBC, connection_, "autocommit");
}

void OdbcConnection::begin() { set_autocommit(false); }

void OdbcConnection::end(bool commit) {
  const SQLRETURN code = SQLEndTran(SQL_HANDLE_DBC, connection_, commit ? SQL_COMMIT : SQL_ROLLBACK);
  expect(is_good(code), SQL_HANDLE_DBC, connection_, commit ? "commit" : "rollback");
  set_autocommit(true);
}

bool OdbcConnection::is_dead() const {
  SQLUINTEGER dead = SQL_CD_FALSE;
  if (!is_connected_) return true;
  SQLGetConnectAttr(connection_, SQL_ATTR_CONNECTION_DEAD, &dead, sizeof dead, nullptr);
  return dead == SQL_CD_TRUE;
}

void OdbcConnection::expect(bool good, std::int16_t kind, Handle handle, std::string_view name) const {
  if (!good) fail(kind, handle, name);
}

void OdbcConnection::fail(std::int16_t kind, Handle handle, std::string_view name) const {
  std::array<SQLCHAR, 6> code{};
  std::array<SQLCHAR, 1024> said{};
  SQLINTEGER number = 0;
  SQLSMALLINT length = 0;
  SQLGetDiagRec(kind, handle, 1, code.data(), &number, said.data(), said.size(), &length);
  const std::string state{reinterpret_cast<const char*>(code.data())};
  const std::string text{reinterpret_cast<const char*>(said.data())};
  const std::string message = fmt::format("{}: {} ({})", name, text, state);
  if (!is_connected_ || state.starts_with("08") || state == "HYT01" || state.starts_with("57P") || is_dead())
    throw ConnectionLost(message);
  if (state == "HYT00") throw Unavailable(message, Unavailable::Why::timed_out);
  if (product_ == Product::sqlite) throw_sqlite(number, message);
  if (product_ == Product::mysql) throw_mysql(mysql_trouble(static_cast<unsigned>(number)), message);
  constexpr std::string_view before = "ERROR: ";
  std::rethrow_exception(
      postgres_failure({state, "ERROR", text.starts_with(before) ? text.substr(before.size()) : text}, name));
}

}  // namespace meerkat::sql
