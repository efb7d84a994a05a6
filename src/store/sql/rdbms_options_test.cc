// SPDX-License-Identifier: Apache-2.0
#include "store/sql/rdbms_options.h"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

#include "base/test_directory.h"
#include "config/toml_reader.h"
#include "store/sql/test_house.h"

using namespace meerkat;

namespace {

struct Reply {
  sql::RdbmsPoolOptions options;
  std::string report;
};

Reply read(const std::string& toml) {
  config::Problems problems;
  const auto root = config::read_toml(toml, "server.toml", problems);
  REQUIRE(root);
  sql::RdbmsPoolOptions options = sql::rdbms_pool_section().read(&*root, problems);
  return {std::move(options), problems.report()};
}

const std::string where = "host = \"db\"\ndatabase = \"d\"\nusername = \"u\"\npassword = \"p\"\n";

}  // namespace

TEST_CASE("an rdbms pool has the defaults of MongooseIM") {
  const Reply reply = read("[connection]\ndriver = \"pgsql\"\n" + where);
  CHECK(reply.report.empty());
  CHECK(reply.options.pool.call_timeout == std::chrono::seconds{60});
  CHECK(reply.options.pool.workers == 10);
  CHECK(reply.options.connection.port_or_usual() == 5432);
  CHECK(reply.options.connection.query_timeout == std::chrono::seconds{5});
  CHECK(read("[connection]\ndriver = \"mysql\"\n" + where).options.connection.port_or_usual() == 3306);
}

TEST_CASE("each driver has options of its own") {
  CHECK(read("workers = 1").report.contains("connection"));
  CHECK(read("[connection]\n" + where).report.contains("driver"));
  CHECK(read("[connection]\ndriver = \"pgsql\"\nhost = \"db\"").report.contains("give password"));
  CHECK(read("[connection]\ndriver = \"pgsql\"\nsettings = \"DSN=d\"\n" + where).report.contains("has no settings"));
  CHECK(read("[connection]\ndriver = \"odbc\"").report.contains("give settings"));
  CHECK(read("[connection]\ndriver = \"odbc\"\nsettings = \"DSN=d\"\nhost = \"db\"").report.contains("has no host"));
  CHECK(read("[connection]\ndriver = \"odbc\"\nsettings = \"DSN=d\"").report.empty());
  CHECK(read("[connection]\ndriver = \"sqlite\"").report.contains("give database"));
  CHECK(read("[connection]\ndriver = \"mysql\"\ntls.required = true\n" + where).report.contains("leave tls.required"));
  CHECK(read("[connection]\ndriver = \"pgsql\"\ntls.ciphers = \"AES\"\n" + where).report.contains("ciphers"));
}

TEST_CASE("a pool with the driver sqlite is an embedded database in the file that it names") {
  const TestDirectory directory;
  sql::RdbmsPoolOptions options;
  options.connection.driver = sql::RdbmsDriver::sqlite;
  options.connection.database = directory / "named.db";
  constexpr sql::Query<std::tuple<std::int64_t>> two{"two", "SELECT 1 + 1"};
  sql::TestHouse house;
  const auto database = sql::open_rdbms("rdbms.test", options);
  CHECK(house.ask(database->one(two)) == std::tuple{std::int64_t{2}});
  CHECK(std::filesystem::exists(directory / "named.db"));
  CHECK_THROWS_WITH_AS(static_cast<void>(sql::open_rdbms("rdbms.again", options)),
                       doctest::Contains("another Meerkat is using"), std::runtime_error);
}
