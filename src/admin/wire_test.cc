// SPDX-License-Identifier: Apache-2.0
#include "admin/wire.h"

#include <doctest/doctest.h>

using namespace meerkat::admin;

namespace {

std::string code_of(std::string_view line) {
  const auto read = read_request(line);
  return read ? "" : read.error().code;
}

const std::vector<Column> columns = {{"who", ColumnType::text, ""}, {"age", ColumnType::duration, ""}};

}  // namespace

TEST_CASE("a request arrives as it was sent") {
  const Request sent{"account register",
                     {{"user", {"alice@localhost"}}, {"password", {"\"\\\n\xC3\xA4\xF0\x9F\x98\x80"}}}};

  const auto read = read_request(write_request(sent));

  REQUIRE(read.has_value());
  CHECK(read->command == sent.command);
  CHECK(read->arguments == sent.arguments);
}

TEST_CASE("programs may send numbers, booleans and lists") {
  const auto read =
      read_request(R"({"command":"x","arguments":{"limit":5,"yes":true,"no":false,"none":null,"many":["a",1]}})");

  REQUIRE(read.has_value());
  CHECK(read->arguments == RawArguments{{"limit", {"5"}}, {"yes", {"true"}}, {"many", {"a", "1"}}});
}

TEST_CASE("what is no request is refused, however deep it is nested") {
  for (const char* line : {"", "x", "{", "[]", "1", "{}", R"({"command":1})", R"({"command":"a","arguments":1})",
                           R"({"command":"a","arguments":{"x":{}}})", R"({"command":"a","arguments":{"x":1.5}})",
                           R"({"command":"a","more":1})", "{\"command\":\"\xff\"}", "GET / HTTP/1.1"})
    CHECK(code_of(line) == "invalid_request");
  CHECK(code_of(std::string(60'000, '[')) == "invalid_request");
  CHECK(code_of(std::string(30'000, '[') + std::string(30'000, ']')) == "invalid_request");
}

TEST_CASE("answers arrive as they were sent") {
  const Row row{std::string{"alice\x1b"}, std::int64_t{90}};

  const auto first = read_answer(write_first_rows(columns, std::vector<Row>{row}, true));
  const auto last = read_answer(write_more_rows({}, false));
  const auto record = read_answer(write_record(columns, row));
  const auto refusal = read_answer(write_refusal({"exists", "no"}));

  REQUIRE(first.has_value());
  CHECK(first->kind == AnswerPart::Kind::rows);
  CHECK(first->more);
  CHECK(first->columns.at(1).type == ColumnType::duration);
  CHECK(first->rows.at(0) == row);
  REQUIRE(last.has_value());
  CHECK_FALSE(last->more);
  REQUIRE(record.has_value());
  CHECK(record->rows.at(0) == row);
  REQUIRE(refusal.has_value());
  CHECK(refusal->refusal.code == "exists");
  CHECK(read_answer(write_sentence({"done"}))->sentence == "done");
  for (const char* line : {"", "{}", "[]", "x", R"({"rows":1})"}) CHECK_FALSE(read_answer(line));
}

TEST_CASE("an answer is one line, whatever is in it") {
  const std::string line = write_record(columns, {std::string{"a\nb\xff"}, std::int64_t{1}});

  CHECK(line.find('\n') == line.size() - 1);
}

TEST_CASE("a row is an object for programs") {
  const std::vector<AnswerColumn> named = {{"who", ColumnType::text}, {"list", ColumnType::texts}, {"none", {}}};

  CHECK(json_object(named, {std::string{"a\"b"}, std::vector<std::string>{"x", "y"}, {}}) ==
        R"({"who":"a\"b","list":["x","y"],"none":null})");
}
