// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "admin/test_office.h"
#include "admin/window/page_commands.h"
#include "admin/window/page_desk.h"
#include "admin/window/page_files.h"

using namespace meerkat;
using namespace meerkat::admin;
using namespace std::chrono_literals;

namespace {

constexpr const char* right_login =
    R"({"command":"login","arguments":{"username":"operator","password":"twelve chars"}})";
constexpr const char* wrong_login =
    R"({"command":"login","arguments":{"username":"operator","password":"eleven chars"}})";

std::string login_by(const std::string& link) { return R"({"command":"login","arguments":{"link":")" + link + "\"}}"; }

class TestPage {
 public:
  struct Browser {
    std::string cookie, token;
  };

  explicit TestPage(PageSettings settings = {.username = "operator", .password = "twelve chars"})
      : desk(std::move(settings), office.premises, office.commands) {}

  static HttpRequest request(HttpMethod method, const std::string& below, const std::string& body = {}) {
    HttpRequest request{.method = method, .path = "/" + below, .below = below, .body = body};
    request.headers.add("Host", "127.0.0.1:5281");
    if (method == HttpMethod::post) request.headers.add("Content-Type", "application/json");
    return request;
  }
  static HttpRequest request_of(const Browser& browser, HttpMethod method, const std::string& below,
                                const std::string& body = {}) {
    HttpRequest made = request(method, below, body);
    made.headers.add("Cookie", browser.cookie);
    made.headers.add("X-Meerkat-Token", browser.token);
    made.headers.add("Origin", "http://127.0.0.1:5281");
    made.headers.add("Sec-Fetch-Site", "same-origin");
    return made;
  }

  HttpResponse ask(const HttpRequest& request) {
    std::optional<HttpResponse> response;
    Hall& here = *office.server.halls[Premises::office];
    here.worker.adopt_thread();
    here.scope.spawn(keep(desk.answer(request), response));
    for (int turns = 0; !response && turns < 400; ++turns) {
      if (turns % 100 == 99) office.server.passes(1s);  // guesses are kept waiting
      office.server.turn();
    }
    REQUIRE(response);
    return std::move(*response);
  }
  HttpResponse log_in(const std::string& body, const std::string& cookie = {}) {
    HttpRequest made = request(HttpMethod::post, "api/login", body);
    if (!cookie.empty()) made.headers.add("Cookie", cookie);
    return ask(made);
  }
  static Browser browser_of(const HttpResponse& response) {
    const std::string_view set = response.headers.get("Set-Cookie");
    const std::string_view token = response.body;
    const std::size_t at = token.find(":\"") + 2;
    return {std::string{set.substr(0, set.find(';'))}, std::string{token.substr(at, token.rfind('"') - at)}};
  }
  Browser logged_in() { return browser_of(log_in(right_login)); }

  TestOffice office;
  PageDesk desk;

 private:
  static Task<> keep(Task<HttpResponse> task, std::optional<HttpResponse>& into) { into = co_await task; }
};

// One address below each route.
std::string example_of(const PageRoute& route) {
  if (route.answer == PageAnswer::file) return fmt::format("assets/{}/app.js", page_files_version());
  return std::string{route.path};
}

}  // namespace

TEST_CASE("nothing of the page but the way in is there for who has not logged in") {
  TestPage page;

  for (const PageRoute& route : page_routes()) {
    CAPTURE(route.path);
    if (route.access == PageAccess::anybody) continue;
    const HttpResponse response = page.ask(TestPage::request(route.method, example_of(route), "{}"));
    if (route.path.empty()) {
      CHECK(response.status == 303);
      CHECK(response.headers.get("Location") == "login");
    } else {
      CHECK(response.status == 401);
    }
    CHECK(contains(response.body, "session") == false);
  }
  for (const char* elsewhere :
       {"api", "api/", "api/none", "metrics", "assets", "../etc/passwd", "index.html", "api/run/x"})
    for (const HttpMethod method : {HttpMethod::get, HttpMethod::post})
      CHECK(page.ask(TestPage::request(method, elsewhere)).status == 401);
}

TEST_CASE("whoever has the cookie alone reaches the files of the page and nothing it says") {
  TestPage page;
  TestPage::Browser thief = page.logged_in();
  thief.token = "";

  for (const PageRoute& route : page_routes()) {
    CAPTURE(route.path);
    if (route.access == PageAccess::anybody) continue;
    const HttpResponse response = page.ask(
        TestPage::request_of(thief, route.method, example_of(route), R"({"command":"status","arguments":{}})"));
    CHECK(response.status == (route.access == PageAccess::cookie ? 200 : 403));
  }
}

TEST_CASE("another site's request is refused, with all that a browser brings along") {
  TestPage page;
  const TestPage::Browser browser = page.logged_in();
  const std::string kick = R"({"command":"session kick","arguments":{"address":"alice@localhost"}})";
  TestClient& alice = page.office.server.login("alice");

  HttpRequest forged = TestPage::request_of(browser, HttpMethod::post, "api/run", kick);
  forged.headers.set("Origin", "http://evil.example");
  CHECK(page.ask(forged).status == 403);
  forged = TestPage::request_of(browser, HttpMethod::post, "api/run", kick);
  forged.headers.set("Sec-Fetch-Site", "same-site");
  CHECK(page.ask(forged).status == 403);
  forged = TestPage::request_of(browser, HttpMethod::post, "api/run", kick);
  forged.headers.set("Content-Type", "text/plain");
  CHECK(page.ask(forged).status == 415);
  forged = TestPage::request_of(browser, HttpMethod::post, "api/run", kick);
  forged.headers.set("Host", "evil.example:5281");
  CHECK(page.ask(forged).status == 421);
  CHECK(alice.session != nullptr);

  CHECK(page.ask(TestPage::request_of(browser, HttpMethod::post, "api/run", kick)).status == 200);
  CHECK(alice.session == nullptr);
}

TEST_CASE("a login is not forged either") {
  TestPage page;

  HttpRequest forged = TestPage::request(HttpMethod::post, "api/login", right_login);
  forged.headers.add("Origin", "http://evil.example");
  CHECK(page.ask(forged).status == 403);
  forged = TestPage::request(HttpMethod::post, "api/login", right_login);
  forged.headers.set("Content-Type", "application/x-www-form-urlencoded");
  CHECK(page.ask(forged).status == 415);
}

TEST_CASE("a login makes a new session, whatever the browser came with") {
  TestPage page;
  const TestPage::Browser before = page.logged_in();

  const HttpResponse response = page.log_in(right_login, before.cookie);
  const TestPage::Browser after = TestPage::browser_of(response);

  CHECK(after.cookie != before.cookie);
  CHECK(page.ask(TestPage::request_of(before, HttpMethod::get, "api/me")).status == 401);
  CHECK(page.ask(TestPage::request_of(after, HttpMethod::get, "api/me")).status == 200);
  const TestPage::Browser chosen{"meerkat_page_5281=chosen-by-somebody-else", after.token};
  CHECK(page.ask(TestPage::request_of(chosen, HttpMethod::get, "api/me")).status == 401);
}

TEST_CASE("the cookie of the page is for the browser alone") {
  TestPage page;

  const std::string set{page.log_in(right_login).headers.get("Set-Cookie")};
  CHECK(set.starts_with("meerkat_page_5281="));
  CHECK(contains(set, "; HttpOnly"));
  CHECK(contains(set, "; SameSite=Strict"));
  CHECK_FALSE(contains(set, "Secure"));

  HttpRequest over_tls = TestPage::request(HttpMethod::post, "api/login", right_login);
  over_tls.over_tls = true;
  const std::string secure{page.ask(over_tls).headers.get("Set-Cookie")};
  CHECK(secure.starts_with("__Host-meerkat_page_5281="));
  CHECK(contains(secure, "; Secure"));
}

TEST_CASE("wrong passwords are refused, and after ten of them an address waits, even with the right one") {
  TestPage page;

  for (int i = 0; i < 10; ++i) CHECK(page.log_in(wrong_login).status == 403);
  const HttpResponse response = page.log_in(right_login);

  CHECK(response.status == 429);
  CHECK_FALSE(response.headers.get("Retry-After").empty());
  CHECK(response.headers.get("Set-Cookie").empty());
  // A stranger at the same address cannot keep out who may use the private socket.
  CHECK(page.log_in(login_by(page.desk.make_link())).status == 200);
}

TEST_CASE("without a password a link is the only way in") {
  TestPage page{PageSettings{}};

  CHECK(page.log_in(R"({"command":"login","arguments":{"username":"","password":""}})").status == 403);
  CHECK(page.log_in(R"({"command":"login","arguments":{}})").status == 403);
  CHECK(page.log_in("not JSON").status == 400);
  const std::string link = page.desk.make_link();
  CHECK(page.log_in(login_by(link)).status == 200);
  CHECK(page.log_in(login_by(link)).status == 403);
}

TEST_CASE("who logs out is out") {
  TestPage page;
  const TestPage::Browser browser = page.logged_in();

  const HttpResponse response = page.ask(TestPage::request_of(browser, HttpMethod::post, "api/logout", "{}"));

  CHECK(response.status == 200);
  CHECK(contains(response.headers.get("Set-Cookie"), "Max-Age=0"));
  CHECK(page.ask(TestPage::request_of(browser, HttpMethod::get, "api/me")).status == 401);
}

TEST_CASE("every answer of the page keeps others out of it") {
  TestPage page;
  const TestPage::Browser browser = page.logged_in();
  std::vector<HttpResponse> responses;
  for (const PageRoute& route : page_routes()) {
    responses.push_back(page.ask(TestPage::request(route.method, example_of(route), "{}")));
    if (route.answer != PageAnswer::log_out)
      responses.push_back(page.ask(TestPage::request_of(browser, route.method, example_of(route), "{}")));
  }
  responses.push_back(page.ask(TestPage::request_of(browser, HttpMethod::get, "nothing/here")));

  for (const HttpResponse& response : responses) {
    CAPTURE(response.body);
    const std::string_view policy = response.headers.get("Content-Security-Policy");
    CHECK(contains(policy, "default-src 'none'"));
    CHECK(contains(policy, "frame-ancestors 'none'"));
    CHECK_FALSE(contains(policy, "unsafe"));
    CHECK(response.headers.get("X-Frame-Options") == "DENY");
    CHECK(response.headers.get("X-Content-Type-Options") == "nosniff");
    CHECK(response.headers.get("Referrer-Policy") == "no-referrer");
    CHECK_FALSE(response.headers.get("Cache-Control").empty());
  }
}

TEST_CASE("the page runs what it lists, in the words of the command line, and nothing else") {
  TestPage page;
  const TestPage::Browser browser = page.logged_in();
  const auto run = [&](const std::string& line) {
    return page.ask(TestPage::request_of(browser, HttpMethod::post, "api/run", line)).body;
  };

  CHECK(contains(run(R"({"command":"session kick","arguments":{"address":"nobody@localhost"}})"),
                 "nobody@localhost has no session now"));
  CHECK(contains(run(R"({"command":"account register","arguments":{"user":"x@localhost","password":"y"}})"),
                 "not_on_the_page"));
  CHECK(contains(run(R"({"command":"no such","arguments":{}})"), "no_such_command"));
  CHECK(contains(run("[]"), "invalid_request"));
  for (const std::string_view command : commands_of_page())
    CHECK_MESSAGE(find_command(page.office.commands, command) != nullptr, command);
}

TEST_CASE("a browser gets as many rows as it can show, and hears that there are more") {
  TestPage page;
  const TestPage::Browser browser = page.logged_in();
  for (std::size_t i = 0; i < most_rows_for_page + 300; ++i) page.office.server.login("user" + std::to_string(i));

  const std::string text = page.ask(TestPage::request_of(browser, HttpMethod::post, "api/run",
                                                         R"({"command":"session list","arguments":{}})"))
                               .body;

  std::size_t rows = 0;
  for (std::size_t at = text.find("@localhost/"); at != std::string::npos; at = text.find("@localhost/", at + 1))
    ++rows;
  CHECK(rows == most_rows_for_page);
  CHECK(contains(text, "\"more\":true"));
}

TEST_CASE("files of the page are kept by browsers under an address that changes with them") {
  TestPage page;
  const std::string place = fmt::format("assets/{}/", page_files_version());

  const HttpResponse script = page.ask(TestPage::request(HttpMethod::get, place + "login.js"));
  CHECK(script.status == 200);
  CHECK(contains(script.headers.get("Cache-Control"), "immutable"));
  HttpRequest again = TestPage::request(HttpMethod::get, place + "login.js");
  again.headers.add("If-None-Match", std::string{script.headers.get("ETag")});
  CHECK(page.ask(again).status == 304);
  CHECK(page.ask(again).body.empty());
  CHECK(contains(page.ask(TestPage::request(HttpMethod::get, "login")).body, place + "login.js"));
  const TestPage::Browser browser = page.logged_in();
  for (const char* path : {"assets/0/app.js", "assets/app.js", "assets/", "assets/../login.js"})
    CHECK(page.ask(TestPage::request_of(browser, HttpMethod::get, path)).status == 404);
  CHECK(page.ask(TestPage::request_of(browser, HttpMethod::get, place + "index.html")).status == 404);
}
