// SPDX-License-Identifier: Apache-2.0
// One connection to whatever unixODBC has a driver for, with its prepared statements. It blocks for as long as the
// driver likes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/sql/query.h"

namespace meerkat::sql {

class Dialect;

struct OdbcStatement {
  std::string name, text;
  Values arguments;
  std::size_t most_rows = 0;  // 0 for what only changes
};

struct OdbcOutcome {
  Rows rows;
  std::uint64_t changed = 0;
};

// Belongs to one thread at a time. Throws what sessions throw.
class OdbcConnection {
 public:
  OdbcConnection() = default;
  ~OdbcConnection() { disconnect(); }
  OdbcConnection(const OdbcConnection&) = delete;
  OdbcConnection& operator=(const OdbcConnection&) = delete;

  // `settings` is a connection string. A statement may take `query_timeout`, where the driver can see to it; 0: any
  // time.
  void connect(const std::string& settings, std::chrono::seconds most, std::chrono::milliseconds query_timeout);
  void disconnect() noexcept;

  // From here on a statement may take so long; 0: any time.
  void limit_statements(std::chrono::milliseconds most);

  OdbcOutcome run(const OdbcStatement& statement);
  void begin();
  void end(bool commit);
  // The database that the driver says it talks to.
  const Dialect& dialect() const;

 private:
  enum class Product : std::uint8_t { postgresql, mysql, sqlite };
  using Handle = void*;
  class Cursor;

  void ask_product();
  void prepare_session();
  void simple(std::string_view text);
  Handle prepared(const OdbcStatement& statement);
  OdbcOutcome execute(Handle handle, const OdbcStatement& statement);
  void forget(const std::string& text) noexcept;
  void forget_statements() noexcept;
  void set_autocommit(bool on);
  bool is_dead() const;
  // Throws when the driver's answer was not good.
  void expect(bool good, std::int16_t kind, Handle handle, std::string_view name) const;
  [[noreturn]] void fail(std::int16_t kind, Handle handle, std::string_view name) const;

  Handle connection_ = nullptr;
  bool is_connected_ = false;
  Product product_ = Product::postgresql;
  std::chrono::seconds query_timeout_{0};
  std::unordered_map<std::string, Handle> statements_;  // by text
};

}  // namespace meerkat::sql
