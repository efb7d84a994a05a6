// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <vector>

#include "admin/window/page_guard.h"

using namespace meerkat::admin;

TEST_CASE("the page is served by address, as localhost, and under the names of the operator") {
  const std::vector<std::string> names{"admin.example.org"};

  for (const char* host : {"127.0.0.1", "127.0.0.1:5281", "localhost", "LOCALHOST:5281", "[::1]:5281", "[2001:db8::1]",
                           "192.0.2.7:80", "admin.example.org", "Admin.Example.ORG:8443"})
    CHECK_MESSAGE(is_own_host(host, names), host);
  for (const char* host : {"", ":5281", "evil.example", "evil.example:5281", "localhost.evil.example",
                           "127.0.0.1.evil.example", "admin.example.org.evil.example", "127.0.0.1:", "127.0.0.1:5281x",
                           "[::1", "[::1]x", "[::1]:", "user@localhost", "localhost:80:80", "2130706433"})
    CHECK_MESSAGE(!is_own_host(host, names), host);
}

TEST_CASE("what a browser marks as coming from elsewhere does not come from the page") {
  const auto own = [](std::string_view host, std::string_view origin, std::string_view site, bool over_tls = false) {
    return comes_from_own_page({.host = host, .origin = origin, .fetch_site = site, .over_tls = over_tls});
  };

  CHECK(own("localhost:5281", "http://localhost:5281", "same-origin"));
  CHECK(own("localhost:5281", "", ""));
  CHECK(own("localhost:5281", "", "same-origin"));
  CHECK(own("admin.example.org", "https://admin.example.org", "same-origin"));
  CHECK(own("admin.example.org:443", "https://admin.example.org", "same-origin", true));
  CHECK_FALSE(own("localhost:5281", "http://localhost:8080", ""));
  CHECK_FALSE(own("localhost:5281", "http://localhost:8080", "same-site"));
  CHECK_FALSE(own("localhost:5281", "", "same-site"));
  CHECK_FALSE(own("localhost:5281", "", "cross-site"));
  CHECK_FALSE(own("localhost:5281", "", "none"));
  CHECK_FALSE(own("localhost:5281", "null", ""));
  CHECK_FALSE(own("localhost:5281", "http://evil.example", ""));
  CHECK_FALSE(own("localhost:5281", "http://localhost:5281.evil.example", ""));
  CHECK_FALSE(own("admin.example.org", "http://admin.example.org", "", true));
}

TEST_CASE("a cookie is taken when it is there once") {
  CHECK(cookie("a=1; meerkat_page_5281=xyz; b=2", "meerkat_page_5281") == "xyz");
  CHECK(cookie("meerkat_page_5281=", "meerkat_page_5281") == "");
  CHECK_FALSE(cookie("", "meerkat_page_5281"));
  CHECK_FALSE(cookie("meerkat_page_52810=xyz", "meerkat_page_5281"));
  CHECK_FALSE(cookie("xmeerkat_page_5281=xyz", "meerkat_page_5281"));
  CHECK_FALSE(cookie("meerkat_page_5281=one; meerkat_page_5281=two", "meerkat_page_5281"));
}

TEST_CASE("secrets are the same when all of them is") {
  CHECK(same_secret("correct horse", "correct horse"));
  CHECK_FALSE(same_secret("correct hors", "correct horse"));
  CHECK_FALSE(same_secret("", "correct horse"));
  CHECK_FALSE(same_secret("Correct horse", "correct horse"));
}
