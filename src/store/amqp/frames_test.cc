// SPDX-License-Identifier: Apache-2.0
#include "store/amqp/frames.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace meerkat::amqp;
using namespace std::string_literals;
using What = Heard::What;

namespace {

// A method of the broker as a frame; `arguments` are its bytes.
std::string method(std::uint16_t channel, std::string_view id, std::string_view arguments) {
  std::string frame = "\x01"s;
  frame += static_cast<char>(channel >> 8);
  frame += static_cast<char>(channel);
  frame += "\0\0\0"s;
  frame += static_cast<char>(id.size() + arguments.size());
  ((frame += id) += arguments) += '\xCE';
  return frame;
}

std::vector<Heard> heard_in(std::string_view bytes, std::size_t piece) {
  FrameReader reader;
  std::vector<Heard> all;
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    reader.add(bytes.substr(i, piece));
    while (auto heard = reader.next()) all.push_back(*heard);
  }
  return all;
}

}  // namespace

TEST_CASE("what the broker says is understood, in pieces of any size") {
  const std::string ack = method(1, "\0\x3C\0\x50"s, "\0\0\0\0\0\0\0\x07\x01"s);
  const std::string nack = method(1, "\0\x3C\0\x78"s, "\0\0\0\0\0\0\0\x08\0"s);
  const std::string closed = method(1, "\0\x14\0\x28"s, "\x01\x94\x09NOT_FOUND\0\x3C\0\x28"s);
  const std::string heartbeat = "\x08\0\0\0\0\0\0\xCE"s;
  for (const std::size_t piece : {1U, 3U, 8U, 1000U}) {
    const auto all = heard_in(ack + heartbeat + nack + closed, piece);
    REQUIRE(all.size() == 4);
    CHECK(all[0].what == What::ack);
    CHECK(all[0].tag == 7);
    CHECK(all[0].and_earlier);
    CHECK(all[1].what == What::heartbeat);
    CHECK(all[2].what == What::nack);
    CHECK_FALSE(all[2].and_earlier);
    CHECK(all[3].what == What::channel_close);
    CHECK(all[3].code == 404);
    CHECK(all[3].words == "NOT_FOUND");
  }
}

TEST_CASE("what is no AMQP is refused at once, and so are frames that are too large or have no end") {
  CHECK_THROWS(heard_in("AMQP\0\1\0\0"s, 100));
  CHECK_THROWS(heard_in("HTTP/1.1 400 Bad Request\r\n", 100));
  CHECK_THROWS(heard_in("\x01\0\0\x7F\xFF\xFF\xFF"s, 100));
  CHECK_THROWS(heard_in("\x08\0\0\0\0\0\0\0"s, 100));
  CHECK_THROWS(heard_in("\x01\0\0\0\0\0\x02\0\0\xCE"s, 100));
  CHECK_THROWS(heard_in(method(1, "\0\x3C\0\x50"s, "\0"s), 100));
}

TEST_CASE("a message becomes a method, a header and as many bodies as its size needs (AMQP 0-9-1 §2.3.5)") {
  const auto frames_of = [](const Message& message) {
    std::string bytes;
    write::publish(bytes, message, 4096);
    std::vector<std::string> frames;
    while (!bytes.empty()) {
      REQUIRE(bytes.size() > 7);
      const std::size_t size = static_cast<unsigned char>(bytes[5]) * 256U + static_cast<unsigned char>(bytes[6]);
      CHECK(size + 8 <= 4096);
      CHECK(bytes[size + 7] == '\xCE');
      frames.push_back(bytes.substr(0, size + 8));
      bytes.erase(0, size + 8);
    }
    return frames;
  };
  Message message{.exchange = "events", .routing_key = "a@b.c", .payload = std::string(10'000, 'x')};
  const auto frames = frames_of(message);
  CHECK(frames.size() == 5);
  CHECK(frames[0].contains("events"));
  CHECK(frames[1].contains("application/json"));
  CHECK(frames[2].front() == '\x03');
  message.payload.clear();
  CHECK(frames_of(message).size() == 2);
}

TEST_CASE("names longer than AMQP's short strings are refused before anything is sent") {
  std::string bytes;
  const auto refuses = [&](const Message& message) {
    try {
      write::publish(bytes, message, 4096);
    } catch (const NotTaken& refusal) {
      return refusal.reason() == NotTaken::Reason::not_sendable;
    }
    return false;
  };
  CHECK(refuses({.exchange = std::string(256, 'x')}));
  CHECK(refuses({.routing_key = std::string(256, 'x')}));
  CHECK(refuses({.headers = {{std::string(256, 'x'), ""}}}));
  CHECK(refuses({.headers = {{"x", std::string(5000, 'x')}}}));
  CHECK(bytes.empty());
  CHECK_FALSE(refuses({.exchange = std::string(255, 'x'), .headers = {{"name", "value"}}}));
}
