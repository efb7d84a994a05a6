// SPDX-License-Identifier: Apache-2.0
#include "store/sql/postgres_connect.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "net/tls_judgement.h"
#include "store/sql/session.h"

namespace meerkat::sql {
namespace {

using namespace std::chrono;

// A call that waits no longer has no use for its answer.
milliseconds limit_of(const RdbmsPoolOptions& options) {
  const milliseconds limit = options.connection.query_timeout;
  return limit.count() == 0 ? limit : std::min(limit, options.pool.call_timeout);
}

std::shared_ptr<const TlsContext> trust_of(const RdbmsConnection& options) {
  if (!options.tls || options.tls->client.verify_mode == TlsOptions::Verify::none) return nullptr;
  TlsOptions tls = tls_options(options.tls->client);
  tls.ciphers.clear();  // libpq's affair, as the handshake is
  auto made = TlsContext::make(tls, TlsRole::client);
  if (!made) throw std::runtime_error{made.error()};
  return *made;
}

// libpq writes versions its own way.
std::string version_words(std::string_view version) { return version == "tlsv1.2" ? "TLSv1.2" : "TLSv1.3"; }

[[noreturn]] void give_up(const std::string& words) { throw ConnectionLost{words}; }

void wait_or_give_up(const pg_conn* connection, short events, SteadyTime until) {
  if (!wait_for_socket(PQsocket(connection), events, until)) give_up("the server did not answer in time");
}

}  // namespace

void FreePostgres::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

bool wait_for_socket(int descriptor, short events, SteadyTime until) {
  for (;;) {
    const auto left = ceil<milliseconds>(until - steady_clock::now());
    ::pollfd watched{descriptor, events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000)));
    if (ready > 0) return true;
    if (ready == 0 && steady_clock::now() >= until) return false;
    if (ready < 0 && errno != EINTR) return true;  // whatever reads next says what is wrong
  }
}

std::string postgres_words(const pg_conn* connection) {
  std::string words = PQerrorMessage(connection);
  while (words.ends_with('\n')) words.pop_back();
  std::ranges::replace_if(words, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return words.empty() ? "the server closed the connection" : words;
}

PostgresAddress::PostgresAddress(const RdbmsPoolOptions& options)
    : options_(options.connection), statement_timeout_(limit_of(options)), trust_(trust_of(options.connection)) {}

std::vector<std::pair<const char*, std::string>> PostgresAddress::words(Tls tls) const {
  std::vector<std::pair<const char*, std::string>> all{
      {"host", options_.host.value_or("")},
      {"port", std::to_string(options_.port_or_usual())},
      {"dbname", options_.database.value_or("")},
      {"user", options_.username.value_or("")},
      {"password", options_.password.value_or("")},
      {"application_name", "meerkat"},
      {"client_encoding", "UTF8"},
      {"gssencmode", "disable"},
      {"keepalives_idle", "30"},
      {"sslmode", tls == Tls::required ? "require" : "disable"},
  };
  if (tls == Tls::none) return all;
  const TlsClientSettings& client = options_.tls->client;
  // Trust is judged by our own rules (`log_in`), not by what lies in somebody's home directory.
  all.emplace_back("sslrootcert", "/nonexistent/root.crt");
  if (client.certfile) {
    all.emplace_back("sslcert", client.certfile->string());
    all.emplace_back("sslkey", client.keyfile->string());
    all.emplace_back("sslpassword", client.password);
  }
  if (client.versions.empty()) return all;
  const auto [least, most] = std::ranges::minmax(client.versions);
  all.emplace_back("ssl_min_protocol_version", version_words(least));
  all.emplace_back("ssl_max_protocol_version", version_words(most));
  return all;
}

PostgresHandle PostgresAddress::connect(SteadyTime until) const {
  if (!options_.tls) return connect(Tls::none, until);
  try {
    return connect(Tls::required, until);
  } catch (const ConnectionLost& refusal) {
    const bool has_none = std::string_view{refusal.what()}.contains("does not support SSL");
    if (!has_none || options_.tls->required) throw;
    return connect(Tls::none, until);  // as asked: only `required` insists
  }
}

PostgresHandle PostgresAddress::connect(Tls tls, SteadyTime until) const {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  const auto all = words(tls);
  for (const auto& [key, value] : all) {
    keys.push_back(key);
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PostgresHandle connection{PQconnectStartParams(keys.data(), values.data(), 0)};
  if (!connection) give_up("out of memory");
  if (PQstatus(connection.get()) == CONNECTION_BAD) give_up(postgres_words(connection.get()));
  log_in(connection.get(), until);
  set_up(connection.get(), until);
  return connection;
}

void PostgresAddress::log_in(pg_conn* connection, SteadyTime until) const {
  bool is_judged = !trust_;
  for (PostgresPollingStatusType wants = PGRES_POLLING_WRITING; wants != PGRES_POLLING_OK;) {
    if (wants == PGRES_POLLING_FAILED) give_up(postgres_words(connection));
    wait_or_give_up(connection, wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, until);
    wants = PQconnectPoll(connection);
    // Between the handshake and the first word of ours; again for the next address of the host.
    auto* const session = static_cast<ssl_st*>(PQsslStruct(connection, "OpenSSL"));
    if (session == nullptr) is_judged = !trust_;
    if (session == nullptr || !handshake_is_over(session) || std::exchange(is_judged, true)) continue;
    const std::string name = options_.tls->client.server_name(options_.host.value_or(""));
    if (const std::string why = why_not_trusted(session, *trust_, name); !why.empty()) give_up(why);
  }
}

// The session's settings, in one round trip; then everything goes through the pipeline.
void PostgresAddress::set_up(pg_conn* connection, SteadyTime until) const {
  const std::string settings = fmt::format(
      "SET standard_conforming_strings = on; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET bytea_output = 'hex'; "
      "SET statement_timeout = {}",
      statement_timeout_.count());
  if (PQsetnonblocking(connection, 1) != 0 || PQsendQuery(connection, settings.c_str()) != 1)
    give_up(postgres_words(connection));
  while (PQflush(connection) == 1) wait_or_give_up(connection, POLLOUT, until);
  for (;;) {
    while (PQisBusy(connection) == 1) {
      wait_or_give_up(connection, POLLIN, until);
      if (PQconsumeInput(connection) != 1) give_up(postgres_words(connection));
    }
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQgetResult(connection), PQclear};
    if (!result) break;
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) give_up(postgres_words(connection));
  }
  if (PQenterPipelineMode(connection) != 1) give_up(postgres_words(connection));
}

}  // namespace meerkat::sql
