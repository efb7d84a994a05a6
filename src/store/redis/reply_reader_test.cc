// SPDX-License-Identifier: Apache-2.0
#include "store/redis/reply_reader.h"

#include <doctest/doctest.h>

#include <array>

#include "store/redis/commands.h"

using namespace meerkat::redis;
using namespace std::string_view_literals;

namespace {

Reply text(std::string words) { return Reply{Reply::Content{std::move(words)}}; }
Reply number(std::int64_t value) { return Reply{Reply::Content{value}}; }
Reply error(std::string words) { return Reply{Reply::Content{Reply::Error{std::move(words)}}}; }
Reply array(Reply::Array elements) { return Reply{Reply::Content{std::move(elements)}}; }

constexpr std::string_view all_kinds =
    "+OK\r\n:-7\r\n$-1\r\n*-1\r\n$4\r\na\r\nb\r\n-ERR no\r\n"
    "*3\r\n$1\r\n0\r\n*2\r\n:1\r\n*0\r\n$0\r\n\r\n";

Replies replies_of_all_kinds() {
  return {text("OK"),
          number(-7),
          Reply{},
          Reply{},
          text("a\r\nb"),
          error("ERR no"),
          array({text("0"), array({number(1), array({})}), text("")})};
}

Replies read(std::string_view bytes, std::size_t step) {
  ReplyReader reader;
  Replies replies;
  while (!bytes.empty()) {
    const std::string_view some = bytes.substr(0, step);
    bytes.remove_prefix(some.size());
    reader.feed(some);
    for (Reply reply; reader.next(reply);) replies.push_back(std::move(reply));
  }
  return replies;
}

}  // namespace

TEST_CASE("replies of all kinds are read, however they are cut into pieces") {
  for (std::size_t step = 1; step <= all_kinds.size(); ++step) CHECK(read(all_kinds, step) == replies_of_all_kinds());
}

TEST_CASE("what is not the protocol is told") {
  ReplyReader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n\r\n");
  Reply reply;
  CHECK_THROWS_WITH(reader.next(reply),
                    "this is not the protocol of Redis: Protocol error, got \"H\" as reply type byte");
}

TEST_CASE("arrays that are promised and do not come take no memory") {
  ReplyReader reader;
  reader.feed("*2000000000\r\n:1\r\n");
  Reply reply;
  CHECK_FALSE(reader.next(reply));
}

TEST_CASE("a reply that never ends is refused") {
  ReplyReader reader;
  reader.feed("$999999999\r\n");
  const std::string piece(std::size_t{1} << 20, 'x');
  const auto flood = [&] {
    for (std::size_t size = 0; size <= ReplyReader::most_bytes; size += piece.size()) reader.feed(piece);
  };
  CHECK_THROWS_WITH(flood(), "Redis sends a reply of more than 64 MiB");
}

TEST_CASE("commands carry any bytes as arguments") {
  Commands commands;
  commands.add("SET", std::string_view{"k\0\r\n", 4}, 42);
  const std::array<std::string_view, 2> words{"GET", ""};
  commands.append(Commands{}.add_list(words));

  CHECK(commands.count() == 2);
  CHECK(commands.bytes() == "*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$2\r\n42\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n"sv);
}

TEST_CASE("a reply that is taken for another kind says what it is") {
  CHECK_THROWS_WITH_AS(static_cast<void>(number(1).text()), "Redis answered a number instead of a text",
                       UnexpectedReply);
  CHECK_THROWS_WITH_AS(static_cast<void>(error("WRONGTYPE of key").number()), "WRONGTYPE of key", Refused);
  CHECK(Refused{"WRONGTYPE of key"}.code() == "WRONGTYPE");
  CHECK(Reply{}.perhaps_text() == std::nullopt);
  CHECK(array({text("a"), text("b")}).texts() == std::vector<std::string>{"a", "b"});
}
