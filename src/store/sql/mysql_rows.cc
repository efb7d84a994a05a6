// SPDX-License-Identifier: Apache-2.0
// Values as the binary protocol wants and brings them.
#include <mysql.h>

#include <charconv>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "store/sql/mysql_session.h"

namespace meerkat::sql {
namespace {

// The set of characters that means bytes.
constexpr unsigned binary_charset = 63;

void point_at(MYSQL_BIND& bind, enum_field_types type, const std::string& content) {
  bind.buffer_type = type;
  bind.buffer = const_cast<char*>(content.data());  // only read
  bind.buffer_length = content.size();
}

void bind_argument(MYSQL_BIND& bind, const Value& value) {
  const auto& content = value.content();
  if (const auto* number = std::get_if<std::int64_t>(&content)) {
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = const_cast<std::int64_t*>(number);
  } else if (const auto* real = std::get_if<double>(&content)) {
    bind.buffer_type = MYSQL_TYPE_DOUBLE;
    bind.buffer = const_cast<double*>(real);
  } else if (const auto* text = std::get_if<std::string>(&content)) {
    point_at(bind, MYSQL_TYPE_STRING, *text);
  } else if (const auto* blob = std::get_if<Blob>(&content)) {
    point_at(bind, MYSQL_TYPE_LONG_BLOB, blob->bytes);
  } else {
    bind.buffer_type = MYSQL_TYPE_NULL;
  }
}

enum class CellKind : std::uint8_t { integer, real, decimal, text, blob };

CellKind kind_of(const MYSQL_FIELD& field) {
  switch (field.type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
      return CellKind::integer;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
      return CellKind::real;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return CellKind::decimal;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
      return CellKind::text;
    default:
      return field.charsetnr == binary_charset ? CellKind::blob : CellKind::text;
  }
}

// Sums are decimals here, and numbers everywhere else.
Value number_from(const std::string& digits) {
  std::int64_t whole = 0;
  const char* const end = digits.data() + digits.size();
  if (const auto [rest, failed] = std::from_chars(digits.data(), end, whole); failed == std::errc{} && rest == end)
    return whole;
  double real = 0;
  std::from_chars(digits.data(), end, real);
  return real;
}

}  // namespace

// The rows of one execution, all of them on our side already.
class MysqlSession::Result {
 public:
  Result(st_mysql_stmt* statement, const bool& is_broken) : statement_(statement), is_broken_(is_broken) {
    MYSQL_RES* const fields = mysql_stmt_result_metadata(statement);
    if (fields == nullptr) return;
    for (unsigned i = 0; i < mysql_num_fields(fields); ++i)
      cells_.push_back({.kind = kind_of(*mysql_fetch_field_direct(fields, i))});
    mysql_free_result(fields);
    binds_.resize(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) bind(binds_[i], cells_[i]);
  }
  // On a broken connection it would wait for the rest of the rows; closing that frees everything.
  ~Result() {
    if (!is_broken_) mysql_stmt_free_result(statement_);
  }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;

  std::size_t columns() const { return cells_.size(); }
  MYSQL_BIND* binds() { return binds_.data(); }
  // The row that was fetched.
  void take(Values& out) {
    for (std::size_t i = 0; i < cells_.size(); ++i) out.push_back(value(i));
  }

 private:
  struct Cell {
    CellKind kind = CellKind::text;
    std::int64_t number = 0;
    double real = 0;
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool is_cut = 0;
  };

  static void bind(MYSQL_BIND& bind, Cell& cell) {
    std::memset(&bind, 0, sizeof bind);
    bind.is_null = &cell.is_null;
    bind.length = &cell.length;
    bind.error = &cell.is_cut;
    bind.buffer_type = MYSQL_TYPE_STRING;  // without room: only its length is brought, and it is fetched by itself
    if (cell.kind == CellKind::integer) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = &cell.number;
      bind.buffer_length = sizeof cell.number;
    } else if (cell.kind == CellKind::real) {
      bind.buffer_type = MYSQL_TYPE_DOUBLE;
      bind.buffer = &cell.real;
      bind.buffer_length = sizeof cell.real;
    }
  }

  Value value(std::size_t column) {
    Cell& cell = cells_[column];
    if (cell.is_null != 0) return {};
    if (cell.kind == CellKind::integer) return cell.number;
    if (cell.kind == CellKind::real) return cell.real;
    std::string bytes(cell.length, '\0');
    if (cell.length > 0) {
      MYSQL_BIND whole{};
      unsigned long length = 0;
      my_bool is_null = 0;
      whole.buffer_type = cell.kind == CellKind::blob ? MYSQL_TYPE_LONG_BLOB : MYSQL_TYPE_STRING;
      whole.buffer = bytes.data();
      whole.buffer_length = bytes.size();
      whole.length = &length;
      whole.is_null = &is_null;
      if (mysql_stmt_fetch_column(statement_, &whole, static_cast<unsigned>(column), 0) != 0)
        throw Unavailable(mysql_stmt_error(statement_));
    }
    if (cell.kind == CellKind::decimal) return number_from(bytes);
    if (cell.kind == CellKind::blob) return Blob{std::move(bytes)};
    return bytes;
  }

  st_mysql_stmt* const statement_;
  const bool& is_broken_;  // the session's
  std::vector<Cell> cells_;
  std::vector<MYSQL_BIND> binds_;
};

void MysqlSession::send_out(st_mysql_stmt* statement, std::string_view name, std::span<const Value> arguments) {
  if (mysql_stmt_param_count(statement) != arguments.size())
    throw BadStatement(
        fmt::format("{}: {} parameters, {} arguments", name, mysql_stmt_param_count(statement), arguments.size()));
  std::vector<MYSQL_BIND> binds(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) bind_argument(binds[i], arguments[i]);
  if (!binds.empty() && mysql_stmt_bind_param(statement, binds.data()) != 0) fail(name, statement);
  int failed = 0;
  drive([&] { return mysql_stmt_execute_start(&failed, statement); },
        [&](int events) { return mysql_stmt_execute_cont(&failed, statement, events); });
}

Rows MysqlSession::run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                             std::size_t most_rows) {
  st_mysql_stmt* const statement = execute(name, text, arguments);
  Result result{statement, is_broken_};
  Rows rows;
  rows.columns = result.columns();
  if (rows.columns == 0) return rows;
  int failed = 0;
  drive([&] { return mysql_stmt_store_result_start(&failed, statement); },
        [&](int events) { return mysql_stmt_store_result_cont(&failed, statement, events); });
  if (failed != 0 || mysql_stmt_bind_result(statement, result.binds()) != 0) fail(name, statement);
  for (std::size_t count = 0; count < most_rows; ++count) {
    const int fetched = mysql_stmt_fetch(statement);
    if (fetched == MYSQL_NO_DATA) break;
    if (fetched == 1) fail(name, statement);
    result.take(rows.cells);
  }
  return rows;
}

}  // namespace meerkat::sql
