// SPDX-License-Identifier: Apache-2.0
#include "store/http/client.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "store/http/test_web.h"

using namespace meerkat;
using namespace meerkat::http;
using namespace std::chrono_literals;
using Why = Unavailable::Why;

namespace {

struct Asking {
  explicit Asking(const HttpPoolOptions& options) : client("http.test", options) {}

  Response asks(Request request) { return house.ask(client.request(std::move(request))); }
  Response gets(std::string path) { return asks({.path = std::move(path)}); }
  Why why_not(Request request) {
    try {
      asks(std::move(request));
    } catch (const Unavailable& known) {
      words = known.what();
      return known.why();
    }
    FAIL("there was an answer");
    return Why::failed;
  }
  std::uint64_t times(PoolEvent event) { return client.pool().events().times(event); }

  std::string words;
  Client client;
  sql::TestHouse house;
};

Request post(std::string path, std::string body) {
  return {.method = Method::post, .path = std::move(path), .body = std::move(body), .content_type = "text/plain"};
}

}  // namespace

TEST_CASE("requests to a web service are answered over one connection that is kept") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(
      R"(call answers {"/api/hello": {"body": "world", "headers": {"X-Kind": "test"}}, "/api/there": {"status": 302,)"
      R"( "headers": {"Location": "/api/hello"}}, "/api/new": {"status": 201}})");
  HttpPoolOptions options = plain_options(web);
  options.connection.path_prefix = "/api/";
  Asking asking{options};
  REQUIRE(is_up_soon(asking.client));

  const Response hello = asking.asks({.path = "hello?who=a%20b", .headers = {{"X-Mine", "yes"}}});
  CHECK(hello.status == 200);
  CHECK(hello.body == "world");
  CHECK(hello.header("x-kind") == "test");
  CHECK(asking.gets("there").status == 302);
  CHECK(asking.gets("nobody").status == 404);
  CHECK(asking.asks(post("new", "a=b")).status == 201);
  CHECK(asking.asks({.method = Method::put, .path = "new", .body = "c", .content_type = "text/plain"}).status == 201);
  CHECK(asking.asks({.method = Method::remove, .path = "new"}).status == 201);
  const Response head = asking.asks({.method = Method::head, .path = "hello"});
  CHECK(head.status == 200);
  CHECK(head.body.empty());

  const std::string requests = web.tell("call requests");
  CHECK(requests.contains(R"("path": "/api/hello?who=a%20b")"));
  CHECK(requests.contains(R"("X-Mine": "yes")"));
  CHECK(requests.contains(R"("method": "POST", "path": "/api/new")"));
  CHECK(requests.contains(R"("body": "a=b")"));
  CHECK(requests.contains(R"("method": "DELETE")"));
  const auto connection = requests.find("\"connection\": ");
  CHECK(times_asked(web, requests.substr(connection, requests.find('}', connection) - connection)) == 7);
  CHECK_THROWS_AS(asking.gets("two words"), std::invalid_argument);
  CHECK_THROWS_AS(asking.asks({.path = "x", .headers = {{"X-Mine", "a\r\nX-Other: b"}}}), std::invalid_argument);
}

TEST_CASE("proxies of the environment are not used for a web service") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/": {"body": "direct"}})");
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("all_proxy", "http://127.0.0.1:1", 1);
  Asking asking{plain_options(web)};
  REQUIRE(is_up_soon(asking.client));
  CHECK(asking.gets("").body == "direct");
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
}

TEST_CASE("a web service that is slow, breaks off, or says nonsense fails the request and not the worker") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(
      R"(call answers {"/slow": {"delay": 3000}, "/large": {"size": 100000000}, "/ends": {"close": true},)"
      R"( "/nonsense": {"raw": "what is it?\r\n\r\n"}, "/good": {"body": "good"},)"
      R"( "/twice": [{"close": true}, {"close": true}, {"body": "at last"}], "/status": {"raw": "HTTP/1.1 xyz\r\n\r\n"}})");
  HttpPoolOptions options = plain_options(web);
  options.connection.request_timeout = 300ms;
  Asking asking{options};
  REQUIRE(is_up_soon(asking.client));

  const auto began = std::chrono::steady_clock::now();
  CHECK(asking.why_not({.path = "slow"}) == Why::timed_out);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  CHECK(asking.why_not({.path = "large"}) == Why::failed);
  CHECK(asking.words.contains("larger than 1048576 bytes"));
  CHECK(asking.why_not({.path = "nonsense"}) == Why::failed);
  CHECK(asking.why_not({.path = "status"}) == Why::failed);
  CHECK(asking.gets("good").body == "good");

  // What only reads is asked three times; what changes something, once.
  CHECK(asking.gets("twice").body == "at last");
  CHECK(asking.why_not({.path = "ends"}) == Why::failed);
  CHECK(times_asked(web, "/ends") == 3);
  web.tell("call forget");
  asking.gets("good");
  CHECK(asking.why_not(post("ends", "once")) == Why::failed);
  CHECK(times_asked(web, "/ends") == 1);
  asking.gets("good");
  CHECK(asking.why_not({.method = Method::post, .path = "ends"}) == Why::failed);
  CHECK(times_asked(web, "/ends") == 2);
  CHECK(asking.times(PoolEvent::disconnected) == 0);
}

TEST_CASE("a web service that is absent is found when it comes, and again after it was killed") {
  LiveService web{"web", {"--absent"}};
  if (!web.is_there()) return;
  Asking asking{plain_options(web)};
  CHECK_FALSE(is_up_soon(asking.client, 0s));
  Why why = Why::failed;
  while (why == Why::failed) why = asking.why_not({.path = ""});
  CHECK(why == Why::down);
  CHECK(asking.words.contains("connect"));

  web.tell("start");
  web.tell(R"(call answers {"/": {"body": "here"}, "/slow": {"delay": 5000}})");
  REQUIRE(is_up_soon(asking.client));
  CHECK(asking.gets("").body == "here");

  auto under_way = asking.house.start(asking.client.request({.path = "slow"}));
  while (times_asked(web, "/slow") == 0) std::this_thread::yield();
  web.tell("kill");
  CHECK_THROWS_AS(under_way.get(), Unavailable);
  web.tell("start");
  REQUIRE(is_up_soon(asking.client));
  CHECK(asking.gets("").body == "here");

  // What was kept is of no use after a restart that nobody noticed, and is replaced quietly.
  web.tell("stop");
  web.tell("start");
  CHECK(asking.asks(post("", "x")).body == "here");
  CHECK(asking.times(PoolEvent::disconnected) == 1);
}

TEST_CASE("a web service that takes connections and says nothing costs a request its time and no more") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/": {"body": "here"}})");
  HttpPoolOptions options = plain_options(web);
  options.connection.request_timeout = 200ms;
  Asking asking{options};
  REQUIRE(is_up_soon(asking.client));
  CHECK(asking.gets("").status == 200);
  web.tell("pause");
  CHECK(asking.why_not({.path = ""}) == Why::timed_out);
  CHECK(asking.why_not({.path = ""}) == Why::timed_out);
  web.tell("go_on");
  Response answer;
  while (answer.status == 0) {
    try {
      answer = asking.gets("");
    } catch (const Unavailable&) {
      answer = {};  // it has just begun to work again
    }
  }
  CHECK(answer.body == "here");
}

namespace {

using Verify = TlsOptions::Verify;

// The words of the worker's failure; empty when it is up.
std::string trouble_of(const HttpPoolOptions& options) {
  Client client{"http.test", options};
  for (;;) {
    const PoolWorkerState worker = client.pool().workers().front();
    if (worker.status == PoolWorkerStatus::up) return {};
    if (worker.status == PoolWorkerStatus::down) return worker.last_error;
    std::this_thread::sleep_for(1ms);
  }
}

std::string trouble_of(const LiveService& web, const std::string& kind, Verify mode) {
  HttpPoolOptions options = tls_pool_options(web, kind);
  options.connection.tls->verify_mode = mode;
  return trouble_of(options);
}

}  // namespace

TEST_CASE("the certificate of a web service is judged as verify_mode says") {
  LiveService web{"web", {"--tls"}};
  if (!web.is_there()) return;
  CHECK(trouble_of(web, "good", Verify::peer).empty());
  CHECK(trouble_of(web, "good", Verify::selfsigned_peer).empty());
  CHECK(trouble_of(web, "good", Verify::none).empty());
  CHECK_FALSE(trouble_of(test_options("https://localhost:" + web.port_text())).empty());  // the system does not know it
  HttpPoolOptions by_other_name = tls_pool_options(web);
  by_other_name.connection.tls->server_name_indication.host = "elsewhere.example";
  CHECK_FALSE(trouble_of(by_other_name).empty());
  HttpPoolOptions by_address = tls_pool_options(web);
  by_address.connection.host = "https://127.0.0.1:" + web.port_text();
  CHECK(trouble_of(by_address).empty());
  HttpPoolOptions only_1_2 = tls_pool_options(web);
  only_1_2.connection.tls->versions = {"tlsv1.2"};
  CHECK(trouble_of(only_1_2).empty());

  const auto change_to = [&web](const std::string& kind) {
    web.tell("stop");
    web.tell("call use_certificate " + kind);
    web.tell("start");
  };
  change_to("other_name");
  CHECK(trouble_of(web, "other_name", Verify::peer).contains("no alternative certificate subject name"));
  CHECK_FALSE(trouble_of(web, "other_name", Verify::selfsigned_peer).empty());
  CHECK(trouble_of(web, "other_name", Verify::none).empty());
  HttpPoolOptions named = tls_pool_options(web, "other_name");
  named.connection.tls->server_name_indication.host = "elsewhere.example";
  CHECK(trouble_of(named).empty());
  HttpPoolOptions nameless = tls_pool_options(web, "other_name");
  nameless.connection.tls->server_name_indication.enabled = false;
  CHECK(trouble_of(nameless).empty());
  change_to("expired");
  CHECK_FALSE(trouble_of(web, "expired", Verify::peer).empty());
  CHECK_FALSE(trouble_of(web, "expired", Verify::selfsigned_peer).empty());
  CHECK(trouble_of(web, "expired", Verify::none).empty());
  change_to("self_signed");
  CHECK_FALSE(trouble_of(web, "self_signed", Verify::peer).empty());
  CHECK(trouble_of(web, "self_signed", Verify::selfsigned_peer).empty());
  CHECK(trouble_of(web, "self_signed", Verify::none).empty());
}

TEST_CASE("requests over TLS are sent to the service by its own name, and show our certificate") {
  LiveService web{"web", {"--tls"}};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/": {"body": "sealed"}})");
  HttpPoolOptions options = tls_pool_options(web);
  options.connection.tls->server_name_indication.host = "127.0.0.1";
  options.connection.tls->certfile = web.directory() / "tls-good" / "certificate.pem";
  options.connection.tls->keyfile = web.directory() / "tls-good" / "key.pem";
  Asking asking{options};
  REQUIRE(is_up_soon(asking.client));
  CHECK(asking.gets("").body == "sealed");
  CHECK(times_asked(web, "\"Host\": \"localhost:" + web.port_text() + "\"") == 1);
}

TEST_CASE("one connection carries many requests at once when the web service speaks HTTP/2") {
  LiveService web{"web"};
  LiveService front{"nghttpx", {"--tls", "--absent"}};
  if (!web.is_there() || !front.is_there()) return;
  web.tell(R"(call answers {"/": {"body": "two"}, "/slow": {"body": "slow", "delay": 300}})");
  front.tell("call behind " + web.port_text());
  front.tell("start");
  Asking asking{tls_pool_options(front)};
  REQUIRE(is_up_soon(asking.client));
  const Response first = asking.gets("");
  CHECK(first.body == "two");

  const auto began = std::chrono::steady_clock::now();
  std::vector<std::future<Response>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(asking.house.start(asking.client.request({.path = "slow"})));
  for (auto& answer : answers) CHECK(answer.get().body == "slow");
  CHECK(std::chrono::steady_clock::now() - began < 2s);  // one after the other takes six
  CHECK(asking.asks(post("", "body")).status == 200);

  auto under_way = asking.house.start(asking.client.request({.path = "slow"}));
  front.tell("kill");
  CHECK_THROWS_AS(under_way.get(), Unavailable);
}
