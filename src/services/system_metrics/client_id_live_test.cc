// SPDX-License-Identifier: Apache-2.0
// The id of servers with a database in common, in real ones.
#include <doctest/doctest.h>

#include <future>
#include <set>
#include <vector>

#include "base/test_directory.h"
#include "services/system_metrics/client_id.h"
#include "store/sql/test_drivers.h"

#define EVERY_KIND OnPostgres, OnMariadb

using namespace meerkat;

TEST_CASE_TEMPLATE("servers that begin on one database at the same time have one id, also in their own", Kind,
                   EVERY_KIND) {
  constexpr std::size_t servers = 8;
  if (!Kind::is_there()) return;
  for (int round = 0; round < 5; ++round) {
    Kind::empty_database();
    const auto shared = sql::open_rdbms("rdbms.test", Kind::options());
    shared->prepare(client_id_schema());
    const TestDirectory directory;
    std::vector<std::unique_ptr<sql::Database>> own;
    for (std::size_t i = 0; i < servers; ++i) {
      own.push_back(sql::open_sqlite(directory / std::to_string(i)).value());
      own.back()->prepare(client_id_schema());
    }
    sql::TestHouse house;

    std::vector<std::future<std::string>> finding;
    finding.reserve(servers);
    for (std::size_t i = 0; i < servers; ++i) finding.push_back(house.start(find_client_id(*own[i], &*shared), i % 2));
    std::set<std::string> ids;
    for (auto& each : finding) ids.insert(each.get());

    CHECK(ids.size() == 1);
    for (const auto& each : own) CHECK(house.ask(find_client_id(*each, nullptr)) == *ids.begin());
  }
}
