// SPDX-License-Identifier: Apache-2.0
#include "core/http_handler_entry.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"
#include "core/test_hall.h"

namespace meerkat {
namespace {

struct GreeterOptions {
  std::string word = "hello";
  friend bool operator==(const GreeterOptions&, const GreeterOptions&) = default;
};

class Greeter final : public HttpHandler {
 public:
  Greeter(const HttpPlace&, std::shared_ptr<const GreeterOptions> options) : options_(std::move(options)) {}
  Task<HttpResponse> answer(const HttpRequest&) override { co_return HttpResponse::text(200, options_->word); }

 private:
  std::shared_ptr<const GreeterOptions> options_;
};

struct NoOptions {};

HttpHandlerEntry greeter() {
  return http_handler_entry<Greeter>("greeter", config::Section<GreeterOptions>{"greeter", "Says a word."}.option(
                                                    "word", &GreeterOptions::word, "Which."));
}

HttpHandlerEntry doorman() {
  class Doorman final : public HttpHandler {
   public:
    Doorman(const HttpPlace&, std::shared_ptr<const NoOptions>) {}
    Task<HttpResponse> answer(const HttpRequest&) override { co_return HttpResponse::plain(200); }
  };
  return http_handler_entry<Doorman>("doorman", config::Section<NoOptions>{"doorman", "Opens."}, HttpReach::all_below,
                                     HttpHandlerWhere{"_", "/door"});
}

struct Reading {
  explicit Reading(std::string_view toml) {
    const HttpHandlerEntry kinds[] = {greeter(), doorman()};
    config::Section<HttpHandlersSettings> section{"handlers", "Who answers."};
    for (const HttpHandlerEntry& kind : kinds)
      section.kind(std::string{kind.name}, &HttpHandlersSettings::all, kind.spec, kind.open);
    const auto node = config::read_toml(toml, "test.toml", problems);
    REQUIRE(node);
    handlers = section.read(&*node, problems).all;
  }
  config::Problems problems;
  std::vector<std::shared_ptr<ConfiguredHttpHandler>> handlers;
};

TEST_CASE("handlers of several kinds are read into one list, with their own options") {
  const Reading read{
      "[[greeter]]\nhost = \"_\"\npath = \"/hi\"\nword = \"hi\"\n[[greeter]]\nhost = \"a.example\"\npath = "
      "\"/\"\n[[doorman]]\n"};

  CHECK(read.problems.report().empty());
  REQUIRE(read.handlers.size() == 3);
  CHECK(read.handlers[0]->where() == HttpHandlerWhere{"_", "/hi"});
  CHECK(read.handlers[0]->name() == "greeter");
  CHECK(read.handlers[2]->where().path == "/door");
  CHECK(read.handlers[2]->reach() == HttpReach::all_below);
}

TEST_CASE("a handler without host and path is refused unless its kind has a place of its own") {
  const Reading read{"[[greeter]]\n"};

  CHECK(read.problems.errors() == 2);
  CHECK(read.problems.report().contains("handlers.greeter[0].path: must be given"));
}

TEST_CASE("what is no host and no path is refused in words") {
  const Reading read{"[[greeter]]\nhost = \"a b\"\npath = \"metrics\"\n"};

  CHECK(read.problems.errors() == 2);
  CHECK(read.problems.report().contains("a path such as"));
}

TEST_CASE("a kind that nobody knows is an error with a suggestion") {
  const Reading read{"[[greter]]\n"};

  CHECK(read.problems.report().contains("did you mean \"greeter\"?"));
}

TEST_CASE("handlers are the same when place and options are") {
  const Reading one{"[[greeter]]\nhost = \"_\"\npath = \"/hi\"\n"}, same{"[[greeter]]\nhost = \"_\"\npath = \"/hi\"\n"},
      other{"[[greeter]]\nhost = \"_\"\npath = \"/hi\"\nword = \"hey\"\n"}, another{"[[doorman]]\npath = \"/hi\"\n"};

  CHECK(one.handlers[0]->is_same_as(*same.handlers[0]));
  CHECK_FALSE(one.handlers[0]->is_same_as(*other.handlers[0]));
  CHECK_FALSE(one.handlers[0]->is_same_as(*another.handlers[0]));
  // Its options cannot be compared, so it is started anew each time.
  CHECK_FALSE(another.handlers[0]->is_same_as(*another.handlers[0]));
}

}  // namespace
}  // namespace meerkat
