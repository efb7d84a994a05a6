// SPDX-License-Identifier: Apache-2.0
#include "core/redaction.h"

#include <doctest/doctest.h>

using namespace meerkat;

namespace {

std::string shown(std::string_view element, Redaction how = Redaction::usual) {
  xml::Parser parser;
  return redacted(element, how, parser);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("of a message one sees where it goes and how long it is, and not a word of it") {
  CHECK(shown("<message type='chat' id='m1' to='bob@localhost'><body>meet me at noon</body>"
              "<active xmlns='http://jabber.org/protocol/chatstates'/></message>") ==
        "<message type='chat' id='m1' to='bob@localhost'><body>[15 bytes]</body>"
        "<active xmlns='http://jabber.org/protocol/chatstates'/></message>");
}

TEST_CASE("what is no address, id or type is not shown as an attribute either") {
  CHECK(shown("<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='bob@localhost' name='My Bob'>"
              "<group>Lovers</group></item></query></iq>") ==
        "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='bob@localhost' name='[6 bytes]'>"
        "<group>[6 bytes]</group></item></query></iq>");
}

TEST_CASE("presence shows its state and priority, not the status somebody wrote") {
  CHECK(shown("<presence><show>away</show><priority>5</priority><status>in the bath</status></presence>") ==
        "<presence><show>away</show><priority>5</priority><status>[11 bytes]</status></presence>");
}

TEST_CASE("how a stream is called is not shown, since whoever knows it can take it up again") {
  CHECK(shown("<enabled xmlns='urn:xmpp:sm:3' id='topsecret' resume='true'/>") ==
        "<enabled xmlns='urn:xmpp:sm:3' id='[9 bytes]' resume='true'/>");
  CHECK_FALSE(has(shown("<resume xmlns='urn:xmpp:sm:3' previd='topsecret' h='4'/>"), "topsecret"));
}

TEST_CASE("what proves who somebody is is not shown though content is") {
  const auto content = [](std::string_view element) { return shown(element, Redaction::content); };
  CHECK(has(content("<message><body>hello</body></message>"), "hello"));
  CHECK_FALSE(
      has(content("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>hunter2</auth>"), "hunter2"));
  CHECK_FALSE(has(content("<iq type='set' id='1'><query xmlns='jabber:iq:register'><username>a</username>"
                          "<password>hunter2</password></query></iq>"),
                  "hunter2"));
  CHECK_FALSE(has(content("<iq type='set' id='1'><query xmlns='jabber:iq:auth'><digest>hunter2</digest></query></iq>"),
                  "hunter2"));
  CHECK_FALSE(has(content("<iq type='set' id='1'><x xmlns='jabber:x:data'><field var='new-Password'>"
                          "<value>hunter2</value></field></x></iq>"),
                  "hunter2"));
  CHECK_FALSE(has(content("<iq type='set' id='1'><x xmlns='jabber:x:data'><field var='word' type='text-private'>"
                          "<value>hunter2</value></field></x></iq>"),
                  "hunter2"));
  CHECK_FALSE(has(content("<iq id='1' type='result'><services xmlns='urn:xmpp:extdisco:2'>"
                          "<service host='turn.example' password='hunter2' username='hunter2'/></services></iq>"),
                  "hunter2"));
}

TEST_CASE("what could steer a terminal is escaped, and what is long is cut") {
  CHECK_FALSE(has(shown("<message id='\xc2\x9b"
                        "31m'><body>x</body></message>"),
                  "\xc2\x9b"));
  CHECK_FALSE(has(shown("<message id='&#10;\xe2\x80\xae'/>"), "\n"));
  std::string many = "<message>";
  for (int i = 0; i < 2000; ++i) many += "<a/>";
  CHECK(shown(many + "</message>").size() < longest_redacted + 10);
}

TEST_CASE("of what cannot be read only the length is told") {
  CHECK(shown("<message") == "[8 bytes of XML that does not stand alone]");
}
