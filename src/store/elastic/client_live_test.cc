// SPDX-License-Identifier: Apache-2.0
#include "store/elastic/client.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "store/elastic/test_elastic.h"
#include "store/http/test_web.h"

using namespace meerkat;
using namespace meerkat::elastic;

TEST_CASE("a search service is asked in its own words, by whoever may") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/notes/_doc/a%2Fb": {"status": 201, "body": "{}"},)"
           R"( "/notes/_bulk": {"body": "{\"errors\": false, \"items\": []}"}, "/notes/_search": {"body":)"
           R"( "{\"hits\": {\"total\": {\"value\": 7}, \"hits\": [{\"_id\": \"1\", \"_source\": {\"n\": 1}}]}}"},)"
           R"( "/notes/_delete_by_query": {"body": "{\"deleted\": 3}"}, "/_cluster/health": {"body":)"
           R"( "{\"cluster_name\": \"c\", \"status\": \"green\", \"number_of_nodes\": 2}"}})");
  ElasticPoolOptions options = options_for(web);
  options.connection.username = "meerkat";
  options.connection.password = "secret";
  Client client{"elastic.test", options};
  REQUIRE(is_up_soon(client));
  sql::TestHouse house;

  house.ask(client.put("notes", {"a/b", R"({"n":1})"}));
  house.ask(client.put_all("notes", {{"1", R"({"n":1})"}, {"2", R"({"n":2})"}}));
  const Found found = house.ask(client.search("notes", std::string{everything}));
  CHECK(found.total == 7);
  REQUIRE(found.hits.size() == 1);
  CHECK(found.hits.front().id == "1");
  CHECK(found.hits.front().json == R"({"n":1})");
  CHECK(house.ask(client.remove_matching("notes", std::string{everything})) == 3);
  const Health health = house.ask(client.health());
  CHECK(health.status == "green");
  CHECK(health.nodes == 2);
  const std::string requests = web.tell("call requests");
  CHECK(requests.contains("Basic bWVlcmthdDpzZWNyZXQ="));
  CHECK(requests.contains(R"({\"index\":{\"_id\":\"2\"}}\n{\"n\":2}\n)"));
  CHECK(requests.contains("application/x-ndjson"));
}

TEST_CASE("what a search service refuses is told apart from what it cannot do now") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/a/_search": {"status": 400, "body": "{\"error\": {\"type\": \"parsing_exception\",)"
           R"( \"reason\": \"no\"}, \"status\": 400}"}, "/b/_search": {"status": 429, "body": "busy"},)"
           R"( "/c/_search": {"status": 503}, "/d/_search": {"body": "nonsense"}, "/e/_search": {"body": "{}"},)"
           R"( "/f/_bulk": {"body": "{\"errors\": true, \"items\": [{\"index\": {\"_id\": \"1\"}}, {\"index\":)"
           R"( {\"status\": 409, \"error\": {\"type\": \"conflict\", \"reason\": \"twice\"}}}]}"}})");
  Client client{"elastic.test", options_for(web)};
  REQUIRE(is_up_soon(client));
  sql::TestHouse house;

  CHECK_THROWS_WITH_AS(house.ask(client.search("a", "{}")), "parsing_exception: no", Refused);
  for (const char* const index : {"b", "c", "d", "e"})
    CHECK_THROWS_AS(house.ask(client.search(index, "{}")), Unavailable);
  CHECK_THROWS_AS(house.ask(client.search("nowhere", "{}")), Refused);
  CHECK_THROWS_WITH_AS(house.ask(client.put_all("f", {{"1", "{}"}})), "conflict: twice", Refused);
  CHECK_THROWS_AS(house.ask(client.put_all("f", {{"1", "{\n}"}})), Refused);
}
