// SPDX-License-Identifier: Apache-2.0
#include "net/http_path.h"

#include <doctest/doctest.h>

#include <string>

namespace meerkat {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string path_of(std::string_view target) {
  const auto parsed = parse_http_target(target);
  return parsed ? parsed->path : "refused";
}

std::string below(std::string_view pattern, std::string_view path) {
  const auto match = HttpPathPattern::parse(pattern)->match(path);
  return match ? "<" + match->below + ">" : "no match";
}

bool is_closer(std::string_view one, std::string_view other) {
  return HttpPathPattern::parse(one)->is_closer_than(*HttpPathPattern::parse(other));
}

TEST_CASE("the target of a request is taken apart and decoded") {
  const auto target = parse_http_target("/api/a%20b/%c3%a9?x=1+2&flag&y=%3d");

  REQUIRE(target);
  CHECK(target->path == "/api/a b/\u00e9");
  CHECK(target->query == Fields{{"x", "1 2"}, {"flag", ""}, {"y", "="}});
  CHECK(target->host.empty());
  CHECK(path_of("/") == "/");
  CHECK(path_of("/a//b/") == "/a//b/");
  CHECK(parse_http_target("*")->is_star);
}

TEST_CASE("a target with a host, as proxies send it, names the host") {
  CHECK(parse_http_target("http://Example.ORG:8080/x?y=1")->host == "example.org");
  CHECK(parse_http_target("http://example.org")->path == "/");
  CHECK_FALSE(parse_http_target("http:///x"));
  CHECK_FALSE(parse_http_target("ftp://example.org/x"));
  CHECK_FALSE(parse_http_target("example.org:443"));
}

TEST_CASE("a target that could mean another place to somebody else is refused") {
  for (const std::string_view target :
       {"/a/../b", "/..",    "/a/.",   "/./a",   "/a/%2e%2e/b", "/a/%2E./b",      "/a/.%2e",
        "/a%2fb",  "/a%5cb", "/a\\b",  "/%00",   "/a%0d%0ab",   "/a%7f",          "/%",
        "/%4",     "/%zz",   "/%+1",   "/a#b",   "/\xc3\xa9",   "/%c0%ae%c0%ae/", "/%ff",
        "a",       "",       "//../x", "/a?x=%", "/a?x=%zz",    "/a?%ff=1",       "?x"})
    CHECK_MESSAGE(path_of(target) == "refused", target);
  // Encoded twice it is an ordinary, if strange, name.
  CHECK(path_of("/%252e%252e/") == "/%2e%2e/");
  CHECK(path_of("/.../..a/b..") == "/.../..a/b..");
}

TEST_CASE("a query has no more fields than anybody needs") {
  std::string many = "/?";
  for (int i = 0; i < 257; ++i) many += "a&";

  CHECK_FALSE(parse_http_target(many));
  CHECK(parse_http_target(many.substr(0, 2 + 2 * 256)));
}

TEST_CASE("a host is compared without its port, its case and its last dot") {
  CHECK(http_host("Example.ORG:8080") == "example.org");
  CHECK(http_host("example.org.") == "example.org");
  CHECK(http_host("[2001:DB8::1]:80") == "[2001:db8::1]");
  CHECK(http_host("127.0.0.1:") == "127.0.0.1");
  for (const std::string_view bad : {"", "a b", "a/b", "a@b", "a:1:2", "a:x", "[::1", "a,b", "\xc3\xa9", "a:123456"})
    CHECK_MESSAGE(!http_host(bad), bad);
}

TEST_CASE("a pattern matches its own path, a name one step, and three dots the rest") {
  CHECK(below("/metrics", "/metrics") == "<>");
  CHECK(below("/metrics", "/metrics/") == "<>");
  CHECK(below("/metrics/", "/metrics") == "<>");
  CHECK(below("/metrics", "/metrics/x") == "no match");
  CHECK(below("/metrics", "/metric") == "no match");
  CHECK(below("/metrics", "//metrics") == "no match");
  CHECK(below("/", "/") == "<>");
  CHECK(below("/", "/x") == "no match");
  CHECK(below("/api/[...]", "/api") == "<>");
  CHECK(below("/api/[...]", "/api/") == "<>");
  CHECK(below("/api/[...]", "/api/a/b/") == "<a/b/>");
  CHECK(below("/api/[...]", "/apix") == "no match");
  CHECK(below("/[...]", "/a/b") == "<a/b>");
  CHECK(below("/rest/:user", "/rest/") == "no match");

  const auto match = HttpPathPattern::parse("/rest/:user/:item/[...]")->match("/rest/anna/1/x");
  REQUIRE(match);
  CHECK(match->bindings == Fields{{"user", "anna"}, {"item", "1"}});
  CHECK(match->below == "x");
}

TEST_CASE("what is written out goes before a name, and a name before the rest") {
  CHECK(is_closer("/a/b", "/a/:x"));
  CHECK(is_closer("/a/:x", "/a/[...]"));
  CHECK(is_closer("/a/b/[...]", "/a/[...]"));
  CHECK(is_closer("/a", "/a/[...]"));
  CHECK_FALSE(is_closer("/a/[...]", "/a"));
  CHECK_FALSE(is_closer("/a/:x", "/a/:y"));
  CHECK(HttpPathPattern::parse("/a/:x")->shape() == HttpPathPattern::parse("/a/:y/")->shape());
  CHECK(HttpPathPattern::parse("/a/%62")->shape() == "/a/b");
}

TEST_CASE("what is no pattern is refused") {
  for (const std::string_view text : {"", "metrics", "/[...]/x", "/a[/b]", "/a/../b", "/a?b", "/a#b", "/:", "/a:b"})
    CHECK_MESSAGE(!HttpPathPattern::parse(text), text);
}

}  // namespace
}  // namespace meerkat
