// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.h"

#include <doctest/doctest.h>

#include "net/http_test_desk.h"

namespace meerkat {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string get(std::string_view path, std::string_view fields = {}) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find('\r')); }
std::string body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
bool has(const std::string& text, std::string_view part) { return text.contains(part); }

TEST_CASE("a request is answered, and the connection waits for the next one") {
  Desk desk;

  const std::string answer = desk.asks("POST /a%20b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");

  CHECK(status_line(answer) == "HTTP/1.1 200 OK");
  CHECK(has(answer, "\r\nServer: Meerkat\r\n"));
  CHECK(has(answer, "\r\nDate: Tue, 31 Dec 2024 08:06:00 GMT\r\n"));
  CHECK(has(answer, "\r\nContent-Length: 7\r\n"));
  CHECK_FALSE(has(answer, "Connection:"));
  CHECK(body(answer) == "/a b hi");
  CHECK(body(desk.asks(get("/next"))) == "/next ");
  CHECK_FALSE(desk.at_end);
}

TEST_CASE("requests that come at once are answered one after the other, in their order") {
  Desk desk;

  const std::string first =
      desk.asks(get("/slow") + get("/two") + get("/three", "Connection: close\r\n") + get("/four"));
  CHECK(first.empty());
  desk.gate.open();
  const std::string all = desk.hears();

  const std::size_t one = all.find("/slow "), two = all.find("/two "), three = all.find("/three ");
  REQUIRE((one != std::string::npos && two != std::string::npos && three != std::string::npos));
  CHECK((one < two && two < three));
  CHECK(has(all, "Connection: close"));
  CHECK_FALSE(has(all, "/four"));
  CHECK(desk.at_end);
}

TEST_CASE("who writes on and on while an answer is under way is read no further") {
  Desk desk;
  desk.says(get("/slow"));
  const std::string more = get("/" + std::string(1000, 'x'));
  std::size_t sent = 0;
  for (int i = 0; i < 20'000; ++i) {
    const ssize_t count = ::send(desk.peer, more.data(), more.size(), MSG_NOSIGNAL);
    Scene::turn(desk.here);
    if (count < 0) break;
    sent += static_cast<std::size_t>(count);
  }

  CHECK(desk.connection->held() < 256 * 1024);
  CHECK(sent < 4 * much);
}

TEST_CASE("a client that takes no answers gets no more of them") {
  Desk desk;
  std::string many;
  for (int i = 0; i < 20; ++i) many += get("/much");

  desk.says(many);

  CHECK(desk.connection->waiting() < 2 * much);
  CHECK(desk.hears().size() > 20 * much);
}

TEST_CASE("HEAD is answered like GET without the body, and OPTIONS with what there is") {
  Desk desk;

  const std::string head = desk.asks("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(status_line(head) == "HTTP/1.1 200 OK");
  CHECK(has(head, "\r\nContent-Length: 3\r\n"));
  CHECK(body(head).empty());
  const std::string options = desk.asks("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(status_line(options) == "HTTP/1.1 204 No Content");
  CHECK(has(options, "\r\nAllow: GET, POST, HEAD, OPTIONS\r\n"));
  CHECK_FALSE(has(options, "Content-Length"));
  CHECK(status_line(desk.asks("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")) == "HTTP/1.1 204 No Content");
  CHECK_FALSE(desk.at_end);
}

TEST_CASE("a method that is not answered there is refused with those that are") {
  Desk desk;

  const std::string refused = desk.asks(get("/only"));
  CHECK(status_line(refused) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(has(refused, "\r\nAllow: DELETE, OPTIONS\r\n"));
  CHECK(status_line(desk.asks("BREW /x HTTP/1.1\r\nHost: a\r\n\r\n")) == "HTTP/1.1 501 Not Implemented");
  CHECK(status_line(desk.asks("TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n")) == "HTTP/1.1 405 Method Not Allowed");
  CHECK_FALSE(desk.at_end);
}

TEST_CASE("a body that nobody wants ends the connection, because nothing behind it could be read") {
  Desk desk;

  const std::string answer = desk.asks("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n" + get("/smuggled"));

  CHECK(status_line(answer) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(has(answer, "Connection: close"));
  CHECK_FALSE(has(answer, "smuggled"));
  CHECK(desk.at_end);
}

TEST_CASE("who asks whether to send its body is told to, or that it is too large") {
  Desk desk;

  desk.says("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(desk.hears() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(body(desk.asks("ok")) == "/x ok");
  const std::string answer =
      desk.asks("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
  CHECK(status_line(answer) == "HTTP/1.1 413 Content Too Large");
  CHECK(desk.at_end);
}

TEST_CASE("malformed requests are refused, and that is the end of the connection") {
  Desk desk;

  const std::string answer = desk.asks("GET /../x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));

  CHECK(status_line(answer) == "HTTP/1.1 400 Bad Request");
  CHECK_FALSE(has(answer, "/next"));
  CHECK(desk.at_end);
}

TEST_CASE("a handler that breaks is answered for with 500, and the connection goes on") {
  Desk desk;

  CHECK(status_line(desk.asks(get("/broken"))) == "HTTP/1.1 500 Internal Server Error");
  CHECK(body(desk.asks(get("/x"))) == "/x ");
}

TEST_CASE("no header field of an answer can make another") {
  Desk desk;

  const std::string answer = desk.asks(get("/split"));

  CHECK(status_line(answer) == "HTTP/1.1 200 OK");
  CHECK_FALSE(has(answer, "X-Injected"));
}

TEST_CASE("a client that goes away is told to whoever holds its answer back") {
  Desk desk;
  desk.says(get("/slow"));
  CHECK(desk.gate.waiting() == 1);

  ::close(std::exchange(desk.peer, -1));
  for (int i = 0; i < 3; ++i) Scene::turn(desk.here);

  CHECK(desk.echo->gone == 1);
  CHECK(desk.ended);
  desk.gate.open();  // whoever answers all the same does no harm
}

TEST_CASE("an answer may take its time") {
  Desk desk;
  desk.says(get("/slow"));

  desk.passes(std::chrono::hours{1});
  CHECK(desk.busy);
  desk.gate.open();

  CHECK(body(desk.hears()) == "/slow ");
  CHECK_FALSE(desk.busy);
}

TEST_CASE("a head that does not come in time is refused, and who says nothing is let go") {
  Desk slow, silent;
  slow.says("GET / HTTP/1.1\r\nHost:");

  slow.passes(seconds{9});
  slow.says(" a\r\n");
  CHECK(slow.hears().empty());
  slow.passes(seconds{2});
  silent.here.adopt_thread();
  silent.passes(seconds{11});

  CHECK(status_line(silent.hears()).empty());
  CHECK(silent.at_end);
  slow.here.adopt_thread();
  CHECK(status_line(slow.hears()) == "HTTP/1.1 408 Request Timeout");
}

TEST_CASE("a body that trickles is refused, and one that is merely long is not") {
  HttpRules rules;
  rules.slowest = 10;
  Desk slow{rules}, steady{rules};

  slow.here.adopt_thread();
  slow.says("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + std::string(90, 'a'));
  slow.passes(seconds{11});
  CHECK(status_line(slow.hears()) == "HTTP/1.1 408 Request Timeout");
  CHECK(slow.at_end);

  steady.here.adopt_thread();
  steady.says("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    steady.says(std::string(100, 'a'));
    steady.passes(seconds{11});
  }
  CHECK(status_line(steady.hears()) == "HTTP/1.1 200 OK");
}

TEST_CASE("between two requests a connection may wait for a while") {
  Desk desk;
  desk.asks(get("/x"));

  desk.passes(seconds{59});
  CHECK(body(desk.asks(get("/y"))) == "/y ");
  desk.passes(seconds{61});
  desk.hears();

  CHECK(desk.at_end);
  // And when the client does not close its end.
  desk.passes(seconds{6});
  CHECK(desk.ended);
}

TEST_CASE("who does not take its answer is let go") {
  Desk desk;
  desk.says(get("/much"));

  desk.passes(seconds{61});  // the kernel has taken a part
  CHECK_FALSE(desk.ended);
  desk.passes(seconds{61});

  CHECK(desk.ended);
}

TEST_CASE("when the server stops, what is under way is answered, and that is the end") {
  Desk busy, idle;
  busy.here.adopt_thread();
  busy.says(get("/slow") + get("/next"));
  idle.here.adopt_thread();
  idle.asks(get("/x"));

  idle.connection->shut_down();
  idle.hears();
  CHECK(idle.at_end);
  busy.here.adopt_thread();
  busy.connection->shut_down();
  CHECK(busy.connection->is_at_work());
  busy.gate.open();

  const std::string answer = busy.hears();
  CHECK(has(answer, "Connection: close"));
  CHECK(body(answer) == "/slow ");
  CHECK(busy.at_end);
}

TEST_CASE("answers are compressed for who takes that, where the listener does") {
  HttpRules rules;
  rules.compress = true;
  Desk desk{rules}, plain;

  desk.here.adopt_thread();
  const std::string packed = desk.asks(get("/words", "Accept-Encoding: br, gzip;q=0.5\r\n"));
  CHECK(has(packed, "\r\nContent-Encoding: gzip\r\n"));
  CHECK(has(packed, "\r\nVary: Accept-Encoding\r\n"));
  CHECK(body(packed).starts_with("\x1f\x8b"));
  CHECK(body(packed).size() < 200);
  CHECK_FALSE(has(desk.asks(get("/words", "Accept-Encoding: gzip;q=0, br\r\n")), "Content-Encoding"));
  CHECK_FALSE(has(desk.asks(get("/x", "Accept-Encoding: gzip\r\n")), "Content-Encoding"));
  plain.here.adopt_thread();
  CHECK_FALSE(has(plain.asks(get("/words", "Accept-Encoding: gzip\r\n")), "Content-Encoding"));
}

TEST_CASE("a connection is handed over behind 101, with what was heard already") {
  Desk desk;

  desk.says(get("/switch") + "hello");

  CHECK(desk.ended);
  REQUIRE(desk.taken.connection);
  CHECK(desk.taken.heard == "hello");
  CHECK(desk.taken.counted != nullptr);
  Ear ear;
  desk.taken.connection->serve(ear);
  const std::string answer = desk.hears();
  CHECK(status_line(answer) == "HTTP/1.1 101 Switching Protocols");
  CHECK(has(answer, "\r\nConnection: Upgrade\r\n"));
  CHECK_FALSE(has(answer, "Content-Length"));
  desk.says("more");
  CHECK(ear.heard == "more");
}

TEST_CASE("an HTTP/1.0 client is answered, and keeps its connection if it asks") {
  Desk once, kept;

  once.here.adopt_thread();
  CHECK(has(once.asks("GET /x HTTP/1.0\r\n\r\n"), "Connection: close"));
  CHECK(once.at_end);
  kept.here.adopt_thread();
  CHECK(has(kept.asks("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "Connection: keep-alive"));
  CHECK_FALSE(kept.at_end);
}

TEST_CASE("the closest path answers, and of two the one that names the host") {
  Turnstile gate;
  HttpSite site{{}};
  const auto one = std::make_shared<Echo>(gate), two = std::make_shared<Echo>(gate),
             three = std::make_shared<Echo>(gate);
  std::vector<HttpRoute> routes;
  routes.push_back({"_", *HttpPathPattern::parse("/a"), one});
  routes.push_back({"a.example", *HttpPathPattern::parse("/a"), two});
  routes.push_back({"a.example", *HttpPathPattern::parse("/[...]"), three});
  site.change({}, std::move(routes));

  CHECK(site.find("b.example", "/a").handler == one);
  CHECK(site.find("a.example", "/a").handler == two);
  CHECK(site.find("a.example", "/b").handler == three);
  CHECK(site.find("b.example", "/b").handler == nullptr);
}

}  // namespace
}  // namespace meerkat
