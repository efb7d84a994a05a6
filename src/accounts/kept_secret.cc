// SPDX-License-Identifier: Apache-2.0
#include "accounts/kept_secret.h"

#include <exception>
#include <tuple>
#include <utility>

#include "base/random.h"
#include "base/text.h"
#include "runtime/scope.h"
#include "store/sql/migration.h"

namespace meerkat {
namespace {

constexpr std::size_t secret_size = 32;

sql::Schema secret_schema() {
  return {.name = "server_secrets",
          .tables = {sql::table("server_secrets")
                         .column("name", sql::varchar(64))
                         .column("secret", sql::text())
                         .primary_key("name")}};
}

constexpr sql::Query<std::tuple<std::string>, std::string_view> find_secret{
    "secret_find", "SELECT secret FROM server_secrets WHERE name = ?"};
constexpr sql::Statement<std::string_view, std::string_view> insert_secret{
    "secret_insert", "INSERT INTO server_secrets (name, secret) VALUES (?, ?)"};

// On the database's writer: nobody draws another one at the same time.
std::string find_or_draw(sql::Transaction& transaction, const std::string& name) {
  if (const auto row = transaction.one(find_secret, name))
    if (auto secret = from_base64(std::get<0>(*row)); secret && secret->size() == secret_size) return *secret;
  std::string drawn = random_bytes(secret_size);
  transaction.execute(insert_secret, name, base64(drawn));
  return drawn;
}

struct Outcome {
  std::string secret;
  std::exception_ptr failure;
};

Task<> ask(sql::Database& database, std::string name, Outcome& outcome) {
  try {
    outcome.secret = co_await database.transaction(
        [&name](sql::Transaction& transaction) { return find_or_draw(transaction, name); });
  } catch (...) {
    outcome.failure = std::current_exception();
  }
}

}  // namespace

std::string kept_secret(sql::Database& database, std::string_view name, Worker& here) {
  database.prepare(secret_schema());
  here.adopt_thread();
  Outcome outcome;
  Scope scope{"kept_secret"};
  scope.spawn(ask(database, std::string{name}, outcome));
  while (!scope.idle()) here.turn();
  Worker::leave_thread();
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  return outcome.secret;
}

}  // namespace meerkat
