// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/cassandra_options.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"
#include "store/cassandra/servers.h"

using namespace meerkat;

namespace {

struct Read {
  CassandraPoolOptions options;
  std::string report;
};

Read read(std::string_view toml) {
  config::Problems problems;
  const auto root = config::read_toml(toml, "meerkat.toml", problems);
  REQUIRE(root);
  CassandraPoolOptions options = cassandra_pool_section().read(&*root, problems);
  return {std::move(options), problems.report()};
}

}  // namespace

TEST_CASE("a cassandra pool without options is at home on this machine") {
  const auto [options, report] = read("");
  CHECK(report.empty());
  CHECK(options.pool.workers == 20);
  CHECK(options.connection.keyspace == "mongooseim");
  CHECK(!options.connection.auth.plain);
  CHECK(!options.connection.tls);
  const cassandra::Servers servers{options.connection.servers};
  REQUIRE(servers.size() == 1);
  CHECK(servers[0].text() == "localhost:9042");
}

TEST_CASE("all options of a cassandra pool are read") {
  const auto [options, report] = read(R"(
    workers = 3
    [connection]
    servers = [{host = "one.example", port = 9043}, {host = "two.example"}]
    keyspace = "chat"
    [connection.auth.plain]
    username = "meerkat"
    password = "secret"
    [connection.tls]
    verify_mode = "selfsigned_peer"
  )");
  CHECK(report.empty());
  CHECK(options.pool.workers == 3);
  CHECK(options.connection.servers == std::vector<CassandraServer>{{"one.example", 9043}, {"two.example", 9042}});
  CHECK(options.connection.keyspace == "chat");
  REQUIRE(options.connection.auth.plain);
  CHECK(options.connection.auth.plain->username == "meerkat");
  CHECK(options.connection.auth.plain->password == "secret");
  REQUIRE(options.connection.tls);
}

TEST_CASE("wrong options of a cassandra pool are refused") {
  const auto refuses = [](std::string_view toml, const char* words) {
    CHECK(read(toml).report.find(words) != std::string::npos);
  };
  refuses("[connection]\nservers = []", "must not be empty");
  refuses("[connection]\nservers = [{port = 1}]", "host");
  refuses("[connection]\nservers = [{host = \"a\"}, {host = \"b\"}, {host = \"a\", port = 9042}]",
          "a:9042 stands there twice");
  refuses("[connection]\nkeyspace = \"\"", "must not be empty");
  refuses("[connection.auth.plain]\nusername = \"me\"", "password");
}
