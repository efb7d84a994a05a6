// SPDX-License-Identifier: Apache-2.0
#include "store/elastic/options.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"

using namespace meerkat;
using namespace meerkat::elastic;

namespace {

ElasticPoolOptions read(std::string_view toml, config::Problems& problems) {
  const auto root = config::read_toml(toml, "meerkat.toml", problems);
  return elastic_pool_section().read(root ? &*root : nullptr, problems);
}

std::string report(std::string_view toml) {
  config::Problems problems;
  read(toml, problems);
  return problems.report();
}

}  // namespace

TEST_CASE("an elastic pool is read with MongooseIM's keys and defaults") {
  config::Problems problems;
  const ElasticPoolOptions defaults = read("", problems);
  CHECK(http_options(defaults).connection.host == "http://localhost:9200");
  const ElasticPoolOptions sealed =
      read("[connection]\nhost = \"search.example.org\"\nport = 9211\n[connection.tls]\n", problems);
  CHECK(http_options(sealed).connection.host == "https://search.example.org:9211");
  CHECK(http_options(sealed).connection.tls);
  CHECK(problems.report().empty());
}

TEST_CASE("an elastic pool with half a login, or no name for a host, is refused") {
  CHECK(report("[connection]\nusername = \"meerkat\"\n").contains("belong together"));
  CHECK(report("[connection]\npassword = \"secret\"\n").contains("belong together"));
  CHECK(report("[connection]\nhost = \"http://search.example.org\"\n").contains("without a scheme"));
}
