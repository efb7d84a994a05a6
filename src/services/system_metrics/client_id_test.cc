// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/client_id.h"

#include <doctest/doctest.h>

#include "base/test_file_log.h"
#include "core/test_hall.h"

using namespace meerkat;

namespace {

struct Databases {
  Databases() {
    own.prepare(client_id_schema());
    shared.prepare(client_id_schema());
  }

  static Task<> keep(Task<std::string> finding, std::string& found) {
    try {
      found = co_await finding;
    } catch (const std::exception& failure) {
      found = failure.what();
    }
  }
  std::string find(sql::TestDatabase& mine, sql::Database* others) {
    std::string found;
    server.halls[0]->worker.adopt_thread();
    server.halls[0]->scope.spawn(keep(find_client_id(mine, others), found));
    server.turn();
    return found;
  }
  std::string find(sql::TestDatabase& mine) { return find(mine, nullptr); }

  TestServer server;
  sql::TestDatabase own, shared;
};

}  // namespace

TEST_CASE("the id of a server is drawn once, and stays") {
  Databases databases;

  const std::string id = databases.find(databases.own);

  CHECK(id.size() == 36);
  CHECK(databases.find(databases.own) == id);
}

TEST_CASE("servers with a database in common have one id, that of the first") {
  Databases databases;
  sql::TestDatabase other;
  other.prepare(client_id_schema());

  const std::string id = databases.find(databases.own, &databases.shared);

  CHECK(databases.find(other, &databases.shared) == id);
  CHECK(databases.find(databases.own) == id);
  CHECK(databases.find(other) == id);
}

TEST_CASE("an id that a server had by itself becomes that of a database which has none") {
  Databases databases;
  const std::string id = databases.find(databases.own);

  CHECK(databases.find(databases.own, &databases.shared) == id);
  CHECK(databases.find(databases.shared) == id);
}

TEST_CASE("of two ids that differ that of the common database holds, and the log says so once") {
  Databases databases;
  const std::string mine = databases.find(databases.own);
  const std::string common = databases.find(databases.shared);
  REQUIRE(mine != common);
  const FileLog log;

  CHECK(databases.find(databases.own, &databases.shared) == common);
  CHECK(databases.find(databases.own, &databases.shared) == common);

  CHECK(log.count("cluster_id_setup_conflict") == 1);
}

TEST_CASE("while the common database cannot be asked, the server goes on with the id it knows") {
  Databases databases;
  const std::string id = databases.find(databases.own, &databases.shared);
  databases.shared.broken = true;

  CHECK(databases.find(databases.own, &databases.shared) == id);
}

TEST_CASE("a server that has never had an id makes none while the common database cannot be asked") {
  Databases databases;
  databases.shared.broken = true;

  CHECK(databases.find(databases.own, &databases.shared).size() != 36);
  databases.shared.broken = false;
  const std::string id = databases.find(databases.own, &databases.shared);
  CHECK(id.size() == 36);
  CHECK(databases.find(databases.shared) == id);
}
