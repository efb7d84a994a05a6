// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "store/cassandra/errors.h"
#include "store/cassandra/frame.h"
#include "store/cassandra/requests.h"
#include "store/cassandra/responses.h"
#include "store/cassandra/value_codec.h"

using namespace meerkat::cassandra;
using namespace std::string_literals;

namespace {

std::string encoded(const Value& value, const Type& type) {
  std::string out;
  put_value(out, value, type);
  return out;
}

Value back_and_forth(const Value& value, const Type& type) {
  const std::string out = encoded(value, type);
  BodyReader body{out};
  const auto bytes = body.take_bytes();
  REQUIRE(body.left() == 0);
  return bytes ? value_from(*bytes, type) : Value{};
}

Type of(TypeId id, std::vector<Type> parts = {}) { return {id, std::move(parts)}; }

// A frame as a server sends it.
std::string answer(Opcode opcode, std::int16_t stream, const std::string& body, char flags = 0) {
  std::string bytes = "\x84"s + flags;
  put_number(bytes, stream);
  bytes.push_back(static_cast<char>(opcode));
  put_number(bytes, static_cast<std::int32_t>(body.size()));
  return bytes + body;
}

}  // namespace

TEST_CASE("values come back as they went, whatever type their place has") {
  using enum TypeId;
  const auto moment = Timestamp{std::chrono::milliseconds{1'600'000'000'123}};
  const Uuid name = *Uuid::parse("3dff5ad6-2c4b-11ee-be56-0242ac120002");

  CHECK(back_and_forth({}, of(varchar)).is_null());
  CHECK(back_and_forth("", of(varchar)) == Value{""});
  CHECK(back_and_forth("\xc3\xa9tude", of(varchar)) == Value{"\xc3\xa9tude"});
  CHECK(back_and_forth(Blob{"\0\xff"s}, of(blob)) == Value{Blob{"\0\xff"s}});
  CHECK(back_and_forth(true, of(boolean)) == Value{true});
  CHECK(back_and_forth(-2, of(int_)) == Value{-2});
  CHECK(back_and_forth(INT64_MIN, of(bigint)) == Value{INT64_MIN});
  CHECK(back_and_forth(-129, of(smallint)) == Value{-129});
  CHECK(back_and_forth(-128, of(tinyint)) == Value{-128});
  CHECK(back_and_forth(-0.1, of(double_)) == Value{-0.1});
  CHECK(back_and_forth(0.5, of(float_)) == Value{0.5});
  CHECK(back_and_forth(moment, of(timestamp)) == Value{moment});
  CHECK(back_and_forth(name, of(timeuuid)) == Value{name});
  CHECK(back_and_forth(Varint{"\x01\0\0\0\0\0\0\0\0"s}, of(varint)) == Value{Varint{"\x01\0\0\0\0\0\0\0\0"s}});
  CHECK(back_and_forth(List{1, Value{}, 3}, of(list, {of(int_)})) == Value{List{1, Value{}, 3}});
  const Map entries{{"one", List{1}}, {"two", List{}}};
  CHECK(back_and_forth(entries, of(map, {of(varchar), of(set, {of(bigint)})})) == Value{entries});
}

TEST_CASE("a varint takes as few bytes as CQL says") {
  const Type varint = of(TypeId::varint);
  const std::pair<std::int64_t, std::string> examples[] = {{0, "\0"s},
                                                           {1, "\x01"},
                                                           {127, "\x7f"},
                                                           {128, "\0\x80"s},
                                                           {129, "\0\x81"s},
                                                           {-1, "\xff"},
                                                           {-128, "\x80"},
                                                           {-129, "\xff\x7f"},
                                                           {65535, "\0\xff\xff"s},
                                                           {-256, "\xff\0"s},
                                                           {INT64_MAX, "\x7f\xff\xff\xff\xff\xff\xff\xff"}};
  for (const auto& [number, bytes] : examples) {
    CHECK(encoded(number, varint).substr(4) == bytes);
    CHECK(back_and_forth(number, varint) == Value{number});
  }
}

TEST_CASE("a value that does not fit its place is refused with the names of both") {
  using enum TypeId;
  CHECK_THROWS_WITH_AS(encoded("1", of(int_)), "text has no place in the type int", BadStatement);
  CHECK_THROWS_WITH_AS(encoded(1, of(varchar)), "a whole number has no place in the type text", BadStatement);
  CHECK_THROWS_WITH_AS(encoded(1LL << 40, of(int_)), "1099511627776 is too large for the type int", BadStatement);
  CHECK_THROWS_WITH_AS(encoded(List{true}, of(list, {of(blob)})), "true or false has no place in the type blob",
                       BadStatement);
  CHECK_THROWS_WITH_AS(encoded(List{}, of(map, {of(varchar), of(int_)})),
                       "a list has no place in the type map<text, int>", BadStatement);
}

TEST_CASE("a value that is none is malformed, and an empty one is null where its type has no empty value") {
  using enum TypeId;
  CHECK(value_from("", of(int_)).is_null());
  CHECK(value_from("", of(varchar)) == Value{""});
  CHECK_THROWS_AS(value_from("abc", of(int_)), Malformed);
  CHECK_THROWS_AS(value_from("abc", of(uuid)), Malformed);
  CHECK_THROWS_AS(value_from("\x7f\xff\xff\xff"s, of(list, {of(int_)})), Malformed);
  CHECK_THROWS_AS(value_from("\xff\xff\xff\xff"s, of(set, {of(int_)})), Malformed);
  CHECK_THROWS_AS(value_from("\0\0\0\x01\0\0\0\x09"s, of(list, {of(varchar)})), Malformed);
}

TEST_CASE("a UUID is read as it is written") {
  const std::string text = "3dff5ad6-2c4b-11ee-be56-0242ac120002";
  CHECK(Uuid::parse(text)->text() == text);
  CHECK(Uuid::parse("3DFF5AD6-2C4B-11EE-BE56-0242AC120002") == Uuid::parse(text));
  for (const char* const wrong :
       {"", "3dff5ad6", "3dff5ad62-c4b-11ee-be56-0242ac120002", "3dff5ad6-2c4b-11ee-be56-0242ac12000g"})
    CHECK(!Uuid::parse(wrong));
}

TEST_CASE("types within types are read, and not without an end") {
  const std::string type = "\0\x21\0\x0d\0\x20\0\x31\0\x02\0\x09\0\x0c"s;
  BodyReader body{type};
  CHECK(take_type(body).name() == "map<text, list<tuple<int, uuid>>>");
  CHECK(body.left() == 0);

  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "\0\x20"s;
  deep += "\0\x09"s;
  BodyReader endless{deep};
  CHECK_THROWS_AS(take_type(endless), Malformed);
}

TEST_CASE("frames are cut out of whatever pieces come") {
  const std::string bytes =
      answer(Opcode::ready, 5, "") + answer(Opcode::result, 7, "body") + answer(Opcode::event, -1, "e");
  FrameReader reader;
  std::vector<std::string> seen;
  for (const char byte : bytes) {
    reader.feed({&byte, 1});
    while (const auto frame = reader.next())
      seen.push_back(std::to_string(static_cast<int>(frame->opcode)) + " " + std::to_string(frame->stream) + " " +
                     std::string{frame->body});
  }
  CHECK(seen == std::vector<std::string>{"2 5 ", "8 7 body", "12 -1 e"});
}

TEST_CASE("warnings, a payload and the number of a trace stand before the body") {
  const std::string before = std::string(16, 't') + "\0\x01\0\x04slow"s + "\0\x01\0\x01k\0\0\0\x01v"s;
  FrameReader reader;
  reader.feed(answer(Opcode::result, 1, before + "body", 0x0e));
  CHECK(reader.next()->body == "body");
}

TEST_CASE("what is no frame of our version is refused at its first byte or by its length") {
  const auto refuses = [](const std::string& bytes, const char* words) {
    FrameReader reader;
    reader.feed(bytes);
    CHECK_THROWS_WITH_AS(reader.next(), doctest::Contains(words), Malformed);
  };
  refuses("H", "no Cassandra");
  refuses("\x16\x03\x01", "no Cassandra");
  refuses("\x83", "version 3");
  refuses("\x84\0\0\1\x08\x7f\xff\xff\xff"s, "ask for smaller pages");
  refuses("\x84\0\0\1\x08\xff\xff\xff\xff"s, "ask for smaller pages");
  refuses(answer(Opcode::result, 1, "zip", 0x01), "compressed");
  refuses(answer(Opcode::result, 1, "", 0x02), "ends before its end");
}

TEST_CASE("requests have the bytes that the protocol says") {
  std::string out;
  put_options(out, 0);
  CHECK(out == "\x04\0\0\0\x05\0\0\0\0"s);

  out.clear();
  put_auth_response(out, 1, "me", "pw");
  CHECK(out == "\x04\0\0\x01\x0f\0\0\0\x0a\0\0\0\x06\0me\0pw"s);

  out.clear();
  put_query(out, 2, "USE a", {.consistency = Consistency::one});
  CHECK(out == "\x04\0\0\x02\x07\0\0\0\x0c\0\0\0\x05USE a\0\x01\0"s);

  const Prepared prepared{"SELECT", "id", {{"a", of(TypeId::int_)}, {"b", of(TypeId::varchar)}}};
  out.clear();
  put_execute(out, 3, prepared, {"", {7, Value{}}, {.consistency = Consistency::quorum}, 100}, "page");
  CHECK(
      out ==
      "\x04\0\0\x03\x0a\0\0\0\x21\0\x02id\0\x04\x0d\0\x02\0\0\0\x04\0\0\0\x07\xff\xff\xff\xff\0\0\0\x64\0\0\0\x04page"s);

  out.clear();
  const std::vector<PreparedStatement> all{std::make_shared<const Prepared>(prepared)};
  const std::vector<Batch::Write> writes{{"", {1, "x"}}};
  put_batch(out, 4, Batch::Kind::unlogged, all, writes, {.consistency = Consistency::one});
  CHECK(out == "\x04\0\0\x04\x0d\0\0\0\x1a\x01\0\x01\x01\0\x02id\0\x02\0\0\0\x04\0\0\0\x01\0\0\0\x01x\0\x01\0"s);
}

TEST_CASE("a request that cannot be written leaves nothing behind") {
  const Prepared prepared{"SELECT", "id", {{"a", of(TypeId::int_)}}};
  std::string out = "before";
  CHECK_THROWS_WITH_AS(put_execute(out, 1, prepared, {"", {}}, ""), "0 values for the 1 places of: SELECT",
                       BadStatement);
  CHECK_THROWS_AS(put_execute(out, 1, prepared, {"", {"text"}}, ""), BadStatement);
  CHECK(out == "before");
}

TEST_CASE("rows come with their columns, and where the next page begins") {
  const std::string one_table = "\0\x01k\0\x01t"s;
  const std::string columns = "\0\x02id\0\x09"s + "\0\x04name\0\x0d"s;
  const std::string cells = "\0\0\0\x04\0\0\0\x01\0\0\0\x03"s + "bob" + "\0\0\0\x04\0\0\0\x02\xff\xff\xff\xff"s;
  const auto result =
      result_from("\0\0\0\x02\0\0\0\x03\0\0\0\x02\0\0\0\x04next"s + one_table + columns + "\0\0\0\x02"s + cells);

  const auto& rows = std::get<Rows>(result);
  CHECK(rows.size() == 2);
  CHECK(rows.next_page == "next");
  CHECK(rows.columns[1].name == "name");
  CHECK(rows[0][1].text() == "bob");
  CHECK(rows[1][0].integer() == 2);
  CHECK(rows[1][*rows.find("name")].is_null());
  CHECK(!rows.find("age"));
}

TEST_CASE("no count of a message makes room for more than the message holds") {
  const std::string huge = "\x7f\xff\xff\xff"s;
  CHECK_THROWS_AS(result_from("\0\0\0\x02\0\0\0\x01"s + huge), Malformed);
  CHECK_THROWS_AS(result_from("\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\0\0\0\0\x01i\0\x09"s + huge), Malformed);
  CHECK_THROWS_AS(result_from("\0\0\0\x04\0\x02id\0\0\0\x01"s + huge), Malformed);
  CHECK_THROWS_AS(result_from("\0\0\0\x04\0\x02id\0\0\0\x01\0\0\0\0"s + huge), Malformed);
  CHECK_THROWS_AS(result_from("\0\0\0\x09"s), Malformed);
}

TEST_CASE("errors become what callers can decide on") {
  const auto thrown = [](ErrorCode code) { std::rethrow_exception(exception_of({code, "words", {}})); };
  using enum ErrorCode;
  for (const ErrorCode code : {syntax_error, invalid, unauthorized, config_error, already_exists})
    CHECK_THROWS_AS(thrown(code), BadStatement);
  for (const ErrorCode code : {unavailable, overloaded, is_bootstrapping, server_error, read_timeout, write_failure})
    CHECK_THROWS_AS(thrown(code), meerkat::Unavailable);
  CHECK_THROWS_WITH(thrown(overloaded), "Cassandra: overloaded: words");
  CHECK(may_go_elsewhere(overloaded));
  CHECK(!may_go_elsewhere(write_timeout));

  const Refusal refusal = refusal_from("\0\0\x25\0\0\x05words\0\x02id"s);
  CHECK(refusal.code == unprepared);
  CHECK(refusal.words == "words");
  CHECK(refusal.statement == "id");
}

TEST_CASE("events name the node, and what is younger than we are is no harm") {
  const Event down = event_from("\0\x0dSTATUS_CHANGE\0\x04"s + "DOWN\x04\x7f\0\0\x01\0\0\x23\x52"s);
  CHECK(down.what == Event::What::node_down);
  CHECK(down.address == "127.0.0.1");
  CHECK(down.port == 9042);
  CHECK(event_from("\0\x0dSCHEMA_CHANGE\0\x07"s + "CREATED").what == Event::What::schema_changed);
  CHECK(event_from("\0\x03NEW\0\x01x"s).what == Event::What::unknown);
  CHECK_THROWS_AS(event_from("\0\x0dSTATUS_CHANGE\0\x02UP\x05"s), Malformed);
}
