// SPDX-License-Identifier: Apache-2.0
#include "store/sql/mysql_session.h"

#include <mysql.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "net/tls_judgement.h"
#include "store/sql/dialect.h"
#include "store/sql/mysql_words.h"

namespace meerkat::sql {
namespace {

// More statements than any server declares: whoever builds texts must not fill the memory with them.
constexpr std::size_t most_prepared = 1000;
// MariaDB ends a statement by itself; only when it does not even do that, the connection is given up.
constexpr std::chrono::milliseconds grace_for_mariadb{1000};
constexpr std::chrono::milliseconds longest_good_bye{1000};

SteadyTime now() { return std::chrono::steady_clock::now(); }

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { mysql_server_init(0, nullptr, nullptr); });
}

// How many rows one statement takes: few different numbers, so that few statements are prepared, and well below what
// one packet may hold.
std::size_t fitting_rows(std::span<const Value> cells, std::size_t columns) {
  static constexpr std::size_t most_bytes = std::size_t{4} << 20;
  for (const std::size_t rows : {std::size_t{100}, std::size_t{10}}) {
    if (rows * columns > cells.size()) continue;
    std::size_t bytes = 0;
    for (const Value& cell : cells.first(rows * columns)) bytes += cell.footprint();
    if (bytes <= most_bytes) return rows;
  }
  return 1;
}

std::string versions_of(const std::vector<std::string>& versions) {
  std::string list;
  for (const std::string& version : versions) {
    if (!list.empty()) list += ',';
    list += version == "tlsv1.3" ? "TLSv1.3" : "TLSv1.2";
  }
  return list;
}

}  // namespace

MysqlSession::MysqlSession(MysqlSettings settings) : settings_(std::move(settings)) { start_library(); }

MysqlSession::~MysqlSession() { close(); }

void MysqlSession::connect(SteadyTime until) {
  close();
  until_ = statement_until_ = until;
  handle_ = mysql_init(nullptr);
  if (handle_ == nullptr) throw Unavailable("out of memory");
  configure();
  log_in();
  prepare_session();
  cut_off_.remember(descriptor());
}

void MysqlSession::close() noexcept {
  if (handle_ == nullptr) return;
  cut_off_.forget();
  // A connection that does not answer is not asked to say good-bye.
  if (const int socket = descriptor(); is_broken_ && socket >= 0) ::shutdown(socket, SHUT_RDWR);
  mysql_close(std::exchange(handle_, nullptr));
  statements_.clear();  // each knows that its connection is gone
  is_broken_ = changes_schema_ = false;
}

void MysqlSession::configure() {
  mysql_options(handle_, MYSQL_OPT_NONBLOCK, nullptr);
  // Or "localhost" would mean a socket in the file system.
  const unsigned protocol = MYSQL_PROTOCOL_TCP;
  mysql_options(handle_, MYSQL_OPT_PROTOCOL, &protocol);
  // A server must not ask for our files.
  const unsigned local_files = 0;
  mysql_options(handle_, MYSQL_OPT_LOCAL_INFILE, &local_files);
  mysql_options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const my_bool truncation = 1;
  mysql_options(handle_, MYSQL_REPORT_DATA_TRUNCATION, &truncation);
  mysql_optionsv(handle_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "meerkat");
  if (settings_.tls) configure_tls();
}

void MysqlSession::configure_tls() {
  const TlsClientSettings& tls = *settings_.tls;
  const auto file = [this](mysql_option option, const std::optional<std::filesystem::path>& path) {
    if (path) mysql_optionsv(handle_, option, path->c_str());
  };
  const my_bool wanted = 1;
  mysql_optionsv(handle_, MYSQL_OPT_SSL_ENFORCE, &wanted);
  file(MYSQL_OPT_SSL_KEY, tls.keyfile);
  file(MYSQL_OPT_SSL_CERT, tls.certfile);
  if (!tls.password.empty()) mysql_optionsv(handle_, MARIADB_OPT_TLS_PASSPHRASE, tls.password.c_str());
  if (!tls.ciphers.empty()) mysql_optionsv(handle_, MYSQL_OPT_SSL_CIPHER, tls.ciphers.c_str());
  if (!tls.versions.empty()) mysql_optionsv(handle_, MARIADB_OPT_TLS_VERSION, versions_of(tls.versions).c_str());
  // Where chain and host's name are all that is asked, the library refuses before it shows the password's proof.
  const my_bool verify =
      tls.verify_mode == TlsOptions::Verify::peer && tls.server_name(settings_.host) == settings_.host ? 1 : 0;
  mysql_optionsv(handle_, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  // With authorities the library refuses strangers whatever it is told.
  if (verify == 0) return;
  file(MYSQL_OPT_SSL_CA, tls.cacertfile);
  if (!tls.crl_files.empty()) file(MYSQL_OPT_SSL_CRL, tls.crl_files.front());
}

void MysqlSession::log_in() {
  MYSQL* connected = nullptr;
  drive(
      [&] {
        return mysql_real_connect_start(&connected, handle_, settings_.host.c_str(), settings_.username.c_str(),
                                        settings_.password.c_str(), settings_.database.c_str(), settings_.port, nullptr,
                                        CLIENT_FOUND_ROWS | CLIENT_REMEMBER_OPTIONS);
      },
      [&](int events) { return mysql_real_connect_cont(&connected, handle_, events); });
  if (connected == nullptr)
    throw ConnectionLost(
        fmt::format("{}:{}: {} ({})", settings_.host, settings_.port, mysql_error(handle_), mysql_errno(handle_)));
  if (settings_.tls) judge_server();
}

// By the rules of all our connections; the library knows only some of them.
void MysqlSession::judge_server() {
  ssl_st* const session = mysql_tls_session(handle_);
  if (session == nullptr) throw ConnectionLost("the server does not offer TLS");
  if (settings_.tls->verify_mode == TlsOptions::Verify::none) return;
  const auto trust = TlsContext::make(tls_options(*settings_.tls), TlsRole::client);
  if (!trust) throw ConnectionLost(trust.error());
  const std::string why = why_not_trusted(session, **trust, settings_.tls->server_name(settings_.host));
  if (!why.empty()) throw ConnectionLost(why);
}

void MysqlSession::prepare_session() {
  simple(mysql_session_start);
  simple(mysql_isolation);
  is_mariadb_ = mariadb_connection(handle_) != 0;
  limit_statements(settings_.query_timeout);
}

// MySQL can end no more than reads by itself; there the connection is given up instead.
void MysqlSession::limit_statements(std::chrono::milliseconds most) {
  if (is_mariadb_) simple(fmt::format("SET max_statement_time = {}", static_cast<double>(most.count()) / 1000));
}

// ---- Waiting

int MysqlSession::wait_for(int events) {
  ::pollfd watched{descriptor(), 0, 0};
  if ((events & MYSQL_WAIT_READ) != 0) watched.events |= POLLIN;
  if ((events & MYSQL_WAIT_WRITE) != 0) watched.events |= POLLOUT;
  if ((events & MYSQL_WAIT_EXCEPT) != 0) watched.events |= POLLPRI;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::min(until_, statement_until_) - now());
  const int ready = ::poll(&watched, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000)));
  if (ready == 0 || left.count() <= 0) {
    is_broken_ = true;  // its answer may still come, and would be taken for the next one's
    throw ConnectionLost("no answer in time", Unavailable::Why::timed_out);
  }
  int happened = 0;
  if ((watched.revents & (POLLIN | POLLHUP | POLLERR)) != 0) happened |= MYSQL_WAIT_READ & events;
  if ((watched.revents & (POLLOUT | POLLHUP | POLLERR)) != 0) happened |= MYSQL_WAIT_WRITE & events;
  if ((watched.revents & POLLPRI) != 0) happened |= MYSQL_WAIT_EXCEPT;
  return happened == 0 ? events : happened;
}

void MysqlSession::begins_statement() {
  if (handle_ == nullptr || is_broken_) throw ConnectionLost("the connection is broken");
  const bool is_limited = settings_.query_timeout.count() > 0 && !changes_schema_;
  const auto most = settings_.query_timeout + (is_mariadb_ ? grace_for_mariadb : std::chrono::milliseconds{0});
  statement_until_ = is_limited ? now() + most : until_;
}

int MysqlSession::descriptor() const { return handle_ == nullptr ? -1 : static_cast<int>(mysql_get_socket(handle_)); }

void MysqlSession::hears() {
  until_ = now() + longest_good_bye;
  ping();
}

// ---- Statements

void MysqlSession::simple(std::string_view text) {
  begins_statement();
  int failed = 0;
  drive([&] { return mysql_real_query_start(&failed, handle_, text.data(), text.size()); },
        [&](int events) { return mysql_real_query_cont(&failed, handle_, events); });
  if (failed != 0) fail(text);
}

void MysqlSession::commit() {
  simple("COMMIT");
  if (changes_schema_) end_schema_change();
}

void MysqlSession::rollback() {
  try {
    simple("ROLLBACK");
    if (changes_schema_) end_schema_change();
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    is_broken_ = true;  // then the server does it
    throw ConnectionLost(words_of(std::current_exception()));
  }
}

void MysqlSession::begin_schema_change() {
  changes_schema_ = true;
  limit_statements(std::chrono::milliseconds{0});
  take_mysql_schema_lock(*this, until_);
  begin();
}

void MysqlSession::end_schema_change() {
  run_query("schema_unlock", mysql_schema_unlock, {}, 1);
  changes_schema_ = false;
  limit_statements(settings_.query_timeout);
}

void MysqlSession::ping() {
  begins_statement();
  int failed = 0;
  drive([&] { return mysql_ping_start(&failed, handle_); },
        [&](int events) { return mysql_ping_cont(&failed, handle_, events); });
  if (failed != 0) fail("ping");
}

void MysqlSession::CloseStatement::operator()(st_mysql_stmt* statement) const noexcept { mysql_stmt_close(statement); }

MysqlSession::Prepared MysqlSession::prepare(std::string_view name, std::string_view text) {
  Prepared statement{mysql_stmt_init(handle_)};
  if (!statement) throw Unavailable("out of memory");
  int failed = 0;
  drive([&] { return mysql_stmt_prepare_start(&failed, statement.get(), text.data(), text.size()); },
        [&](int events) { return mysql_stmt_prepare_cont(&failed, statement.get(), events); });
  if (failed != 0) fail(name, statement.get());
  return statement;
}

st_mysql_stmt* MysqlSession::prepared(std::string_view name, std::string_view text) {
  if (const auto found = statements_.find(text); found != statements_.end()) return found->second.get();
  if (statements_.size() >= most_prepared) statements_.clear();
  return statements_.emplace(std::string{text}, prepare(name, text)).first->second.get();
}

st_mysql_stmt* MysqlSession::execute(std::string_view name, std::string_view text, std::span<const Value> arguments) {
  begins_statement();
  const bool is_old = statements_.contains(text);
  st_mysql_stmt* statement = prepared(name, text);
  send_out(statement, name, arguments);
  const bool is_stale = mysql_trouble(mysql_stmt_errno(statement)) == MysqlTrouble::stale;
  if (mysql_stmt_errno(statement) == 0) return statement;
  if (!is_stale || !is_old) fail(name, statement);
  // The server has forgotten it, or its tables have changed.
  statements_.erase(statements_.find(text));
  statement = prepared(name, text);
  send_out(statement, name, arguments);
  if (mysql_stmt_errno(statement) != 0) fail(name, statement);
  return statement;
}

std::uint64_t MysqlSession::changed(st_mysql_stmt* statement, std::string_view name) {
  // A statement that brings rows although nobody wants them.
  if (mysql_stmt_field_count(statement) > 0) {
    int failed = 0;
    drive([&] { return mysql_stmt_store_result_start(&failed, statement); },
          [&](int events) { return mysql_stmt_store_result_cont(&failed, statement, events); });
    if (failed != 0) fail(name, statement);
    mysql_stmt_free_result(statement);
    return 0;
  }
  return mysql_stmt_affected_rows(statement);
}

std::uint64_t MysqlSession::run_statement(std::string_view name, std::string_view text,
                                          std::span<const Value> arguments) {
  return changed(execute(name, text, arguments), name);
}

std::uint64_t MysqlSession::run_upsert(const Upsert& upsert, std::span<const Value> row) {
  // An upsert of a row that is there counts as two.
  return std::min<std::uint64_t>(1, run_statement(upsert.name, dialect().upsert(upsert), row));
}

std::uint64_t MysqlSession::run_removal(const Upsert& upsert, std::span<const Value> key) {
  return run_statement(upsert.name, dialect().removal(upsert), key);
}

void MysqlSession::run_upserts(const Upsert& what, const Rows& rows) {
  std::span<const Value> cells{rows.cells};
  while (!cells.empty()) {
    const std::size_t count = fitting_rows(cells, rows.columns);
    run_statement(what.name, dialect().upsert(what, count), cells.first(count * rows.columns));
    cells = cells.subspan(count * rows.columns);
  }
}

const Dialect& MysqlSession::dialect() const { return mysql_dialect(); }

// ---- Failures

void MysqlSession::fail(std::string_view name, unsigned number, std::string_view words) {
  const MysqlTrouble trouble = mysql_trouble(number);
  is_broken_ = is_broken_ || trouble == MysqlTrouble::broken;
  throw_mysql(trouble, fmt::format("{}: {} ({})", name, words, number));
}
void MysqlSession::fail(std::string_view name) { fail(name, mysql_errno(handle_), mysql_error(handle_)); }
void MysqlSession::fail(std::string_view name, st_mysql_stmt* statement) {
  fail(name, mysql_stmt_errno(statement), mysql_stmt_error(statement));
}

}  // namespace meerkat::sql
