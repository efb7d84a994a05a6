// SPDX-License-Identifier: Apache-2.0
#include "modules/offline/worth.h"

#include <doctest/doctest.h>

namespace meerkat {
namespace {

using namespace std::chrono_literals;

const Jid alice = *Jid::parse("alice@localhost/phone");
const Jid bob = *Jid::parse("bob@localhost");

Stanza message(std::string_view content, StanzaType type = StanzaType::chat) {
  return make_stanza(StanzaKind::message, type, alice, bob, "m1", content);
}
Worth worth(std::string_view content, StanzaType type = StanzaType::chat) {
  return worth_of(message(content, type), false);
}

constexpr std::string_view composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
constexpr std::string_view no_store = "<no-store xmlns='urn:xmpp:hints'/>";
constexpr std::string_view store = "<store xmlns='urn:xmpp:hints'/>";

}  // namespace

TEST_CASE("chat and normal messages that say something are kept") {
  CHECK(worth("<body>hello</body>") == Worth::kept);
  CHECK(worth("<body>hello</body>", StanzaType::normal) == Worth::kept);
  CHECK(worth("<subject>hello</subject>") == Worth::kept);
  CHECK(worth("<received xmlns='urn:xmpp:receipts' id='1'/>") == Worth::kept);
  CHECK(worth(std::string{"<body>hello</body>"}.append(composing)) == Worth::kept);
}

TEST_CASE("headlines and errors are never kept, group chat when that is wanted") {
  for (const StanzaType type : {StanzaType::headline, StanzaType::error, StanzaType::groupchat})
    CHECK(worth("<body>hello</body><store xmlns='urn:xmpp:hints'/>", type) == Worth::refused);
  CHECK(worth_of(message("<body>hello</body>", StanzaType::groupchat), true) == Worth::kept);
  CHECK(worth_of(message("<body>hello</body>", StanzaType::headline), true) == Worth::refused);
}

TEST_CASE("what tells of a moment only is dropped without a word") {
  CHECK(worth(composing) == Worth::dropped);
  CHECK(worth(std::string{composing}.append("<thread>t</thread>").append(no_store)) == Worth::dropped);
  CHECK(worth("<x xmlns='jabber:x:event'><composing/><id>m0</id></x>") == Worth::dropped);
}

TEST_CASE("a message without content is not kept") {
  CHECK(worth("") == Worth::refused);
  CHECK(worth("<thread>t</thread><origin-id xmlns='urn:xmpp:sid:0' id='1'/>") == Worth::refused);
}

TEST_CASE("hints are followed") {
  CHECK(worth(std::string{"<body>hello</body>"}.append(no_store)) == Worth::refused);
  CHECK(worth(std::string{composing}.append(store)) == Worth::kept);
  CHECK(worth(std::string{"<body>hello</body>"}.append(store).append(no_store)) == Worth::refused);
  CHECK(worth("<body>hello</body><no-permanent-store xmlns='urn:xmpp:hints'/>") == Worth::kept);
}

TEST_CASE("how long a message is of use is read strictly") {
  const auto useful = [](std::string_view seconds) {
    return useful_for(
        message(std::string{"<x xmlns='jabber:x:expire' seconds='"}.append(seconds).append("'/>")).element());
  };
  CHECK(useful("60") == 60s);
  CHECK(useful("0") == 0s);
  for (const std::string_view wrong : {"", "-1", "1.5", " 1", "99999999999", "soon"}) CHECK(!useful(wrong));
  CHECK(!useful_for(message("<body>hello</body>").element()));
}

TEST_CASE("an event names the message that it is about") {
  const Stanza wish = message("<x xmlns='jabber:x:event'><offline/></x>");
  CHECK(asks_for_offline_event(wish.element()));
  CHECK(!asks_for_offline_event(message("<x xmlns='jabber:x:event'><displayed/></x>").element()));

  const Stanza event = offline_event(wish);
  CHECK(!asks_for_offline_event(event.element()));
  std::string text;
  append_stanza(text, event);
  CHECK(text ==
        "<message from='bob@localhost' to='alice@localhost/phone'>"
        "<x xmlns='jabber:x:event'><offline/><id>m1</id></x></message>");
}

}  // namespace meerkat
