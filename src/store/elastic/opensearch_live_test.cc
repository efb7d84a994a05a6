// SPDX-License-Identifier: Apache-2.0
#include "store/elastic/client.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "store/elastic/test_elastic.h"
#include "store/http/test_web.h"

using namespace meerkat;
using namespace meerkat::elastic;

TEST_CASE("documents in a real search service are found, and removed") {
  LiveService service{"opensearch"};
  if (!service.is_there()) return;
  ElasticPoolOptions options = options_for(service);
  options.pool.call_timeout = std::chrono::seconds{60};  // a young node takes its time
  Client client{"elastic.test", options};
  REQUIRE(is_up_soon(client));
  sql::TestHouse house;

  CHECK(house.ask(client.health()).nodes == 1);
  const std::string settings = R"({"settings":{"number_of_replicas":0,"number_of_shards":1}})";
  CHECK(house.ask(client.create_index("notes", settings)));
  CHECK_FALSE(house.ask(client.create_index("notes", settings)));
  house.ask(client.put("notes", {"alice@example.org/1", R"({"text":"good morning"})"}));
  house.ask(client.put_all("notes", {{"2", R"({"text":"good night"})"}, {"3", R"({"text":"hello"})"}}));
  house.ask(client.refresh("notes"));
  CHECK(house.ask(client.search("notes", std::string{everything})).total == 3);
  const std::string good = R"({"query":{"match":{"text":"morning"}}})";
  const Found found = house.ask(client.search("notes", good));
  REQUIRE(found.hits.size() == 1);
  CHECK(found.hits.front().id == "alice@example.org/1");
  CHECK(house.ask(client.remove_matching("notes", good)) == 1);
  house.ask(client.refresh("notes"));
  CHECK(house.ask(client.search("notes", std::string{everything})).total == 2);
  CHECK_THROWS_AS(house.ask(client.search("notes", "{\"query\":{\"nothing\":{}}}")), Refused);
  house.ask(client.remove_index("notes"));
}
