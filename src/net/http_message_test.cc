// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.h"

#include <doctest/doctest.h>

namespace meerkat {
namespace {

TEST_CASE("a header field is found whatever the case of its name") {
  HttpHeaders headers{{"Content-Type", "text/plain"}, {"X-Twice", "1"}, {"x-twice", "2"}};

  CHECK(headers.get("content-type") == "text/plain");
  CHECK(headers.get("x-TWICE") == "1");
  CHECK(headers.count("X-Twice") == 2);
  CHECK(headers.get("nowhere").empty());
  headers.set("x-twice", "3");
  CHECK(headers.count("X-Twice") == 1);
  CHECK(headers.get("X-Twice") == "3");
}

TEST_CASE("a word is found in a list of words") {
  CHECK(list_has("keep-alive, Upgrade", "upgrade"));
  CHECK(list_has(",,\tclose ", "close"));
  CHECK_FALSE(list_has("not-close", "close"));
  CHECK_FALSE(list_has("", "close"));
}

TEST_CASE("methods are told apart by case") {
  CHECK(http_method("DELETE") == HttpMethod::remove);
  CHECK(http_method("delete") == HttpMethod::other);
  CHECK(name_of(HttpMethod::head) == "HEAD");
}

TEST_CASE("an answer of words alone says its status") {
  const HttpResponse response = HttpResponse::plain(404);

  CHECK(response.status == 404);
  CHECK(response.body == "404 Not Found\n");
  CHECK(response.headers.get("content-type") == "text/plain; charset=utf-8");
}

}  // namespace
}  // namespace meerkat
