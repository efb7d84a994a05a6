// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/rabbit_pusher.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"

using namespace meerkat;
using What = PushedEvent::What;

namespace {

RabbitPusherOptions options(std::string_view toml) {
  config::Problems problems;
  const auto table = config::read_toml(toml, "test.toml", problems);
  EventPusherOptions read = event_pusher_section().read(&*table, problems);
  CHECK(problems.report().empty());
  return read.rabbit.value_or(RabbitPusherOptions{});
}

PushedEvent message(What what, StanzaType type) {
  return {.what = what,
          .type = type,
          .from = *Jid::parse("alice@localhost/Phone"),
          .to = *Jid::parse("bob@localhost"),
          .body = "\"hi\"\n"};
}

}  // namespace

TEST_CASE("a message goes to the broker as JSON, under the name of who sends or gets it") {
  const auto all = options("[rabbit.chat_msg_exchange]\n[rabbit.groupchat_msg_exchange]\nname = \"rooms\"\n");
  const amqp::Message sent = rabbit_message(message(What::sent, StanzaType::chat), all);
  CHECK(sent.exchange == "chat_msg");
  CHECK(sent.routing_key == "alice@localhost.chat_msg_sent");
  CHECK(sent.payload ==
        R"({"from_user_id":"alice@localhost/Phone","to_user_id":"bob@localhost","message":"\"hi\"\n"})");
  const amqp::Message got = rabbit_message(message(What::received, StanzaType::chat), all);
  CHECK(got.routing_key == "bob@localhost.chat_msg_recv");
  CHECK(got.payload == sent.payload);
  const amqp::Message of_room = rabbit_message(message(What::received, StanzaType::groupchat), all);
  CHECK(of_room.exchange == "rooms");
  CHECK(of_room.routing_key == "bob@localhost.groupchat_msg_recv");
  CHECK(rabbit_message(message(What::sent, StanzaType::headline), all).exchange.empty());
}

TEST_CASE("the broker is told who comes and goes, if there is an exchange for that") {
  const PushedEvent comes{.what = What::present, .from = *Jid::parse("alice@localhost/Phone")};
  const amqp::Message present = rabbit_message(comes, options("[rabbit.presence_exchange]\n"));
  CHECK(present.exchange == "presence");
  CHECK(present.routing_key == "alice@localhost");
  CHECK(present.payload == R"({"user_id":"alice@localhost/Phone","present":true})");
  CHECK(rabbit_message(comes, options("[rabbit.chat_msg_exchange]\n")).exchange.empty());
  CHECK(
      rabbit_message(message(What::sent, StanzaType::chat), options("[rabbit.presence_exchange]\n")).exchange.empty());
}
