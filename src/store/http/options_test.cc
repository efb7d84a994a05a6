// SPDX-License-Identifier: Apache-2.0
#include "store/http/options.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"
#include "store/http/form.h"

using namespace meerkat;
using namespace meerkat::http;

TEST_CASE("the host of a web service is a scheme, a name and perhaps a port") {
  const auto plain = read_origin("http://localhost");
  REQUIRE(plain);
  CHECK_FALSE(plain->tls);
  CHECK(plain->authority() == "localhost:80");
  const auto sealed = read_origin("https://auth.example.org:8443");
  REQUIRE(sealed);
  CHECK(sealed->tls);
  CHECK(sealed->authority() == "auth.example.org:8443");
  const auto v6 = read_origin("https://[::1]");
  REQUIRE(v6);
  CHECK(v6->name == "::1");
  CHECK(v6->authority() == "[::1]:443");
  for (const char* const wrong :
       {"localhost", "ftp://localhost", "http://", "http://a:0", "http://a:70000", "http://a:", "http://a:80/path",
        "http://a/", "http://user@a", "http://[::1", "http://a b", ""})
    CHECK_FALSE(read_origin(wrong));
}

TEST_CASE("fields of a form are percent-encoded") {
  CHECK(percent_encoded("a-b_c.d~e F&g=h/i%\xc3\xa9") == "a-b_c.d~e%20F%26g%3Dh%2Fi%25%C3%A9");
  CHECK(form({{"user", "alice"}, {"pass", "a&b=c"}}) == "user=alice&pass=a%26b%3Dc");
}

namespace {

HttpPoolOptions read(std::string_view toml, config::Problems& problems) {
  const auto root = config::read_toml(toml, "meerkat.toml", problems);
  return http_pool_section().read(root ? &*root : nullptr, problems);
}

std::string report(std::string_view toml) {
  config::Problems problems;
  read(toml, problems);
  return problems.report();
}

}  // namespace

TEST_CASE("an http pool is read with MongooseIM's keys and defaults") {
  config::Problems problems;
  const HttpPoolOptions options = read(
      "workers = 3\n[connection]\nhost = \"https://auth.example.org\"\npath_prefix = \"/api/\"\n"
      "request_timeout = 500\n[connection.tls]\nverify_mode = \"none\"\n",
      problems);
  CHECK(options.pool.workers == 3);
  CHECK(options.connection.path_prefix == "/api/");
  CHECK(options.connection.request_timeout == std::chrono::milliseconds{500});
  CHECK(options.connection.tls->verify_mode == TlsOptions::Verify::none);
  config::Problems none;
  const HttpPoolOptions defaults = read("[connection]\nhost = \"http://a\"\n", none);
  CHECK(none.report().empty());
  CHECK(defaults.connection.path_prefix == "/");
  CHECK(defaults.connection.request_timeout == std::chrono::milliseconds{2000});
  CHECK(defaults.pool.call_timeout == std::chrono::milliseconds{5000});
  CHECK(defaults.pool.workers == 10);
}

TEST_CASE("an http pool without a service, or with one that cannot be, is refused") {
  CHECK(report("").contains("host"));
  CHECK(report("[connection]\nhost = \"example.org\"\n").contains("http[s]://name[:port]"));
  CHECK(report("[connection]\nhost = \"http://a\"\npath_prefix = \"api\"\n").contains("begins with"));
  CHECK(report("[connection]\nhost = \"http://a\"\nrequest_timeout = 0\n").contains("request_timeout"));
  CHECK(report("[connection]\nhost = \"http://a\"\n[connection.tls]\n").contains("https"));
}
