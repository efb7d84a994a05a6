// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stanza.h"

#include <doctest/doctest.h>

#include <string>

#include "xml/parser.h"

using namespace meerkat;

namespace {

// A stanza as a stream makes it: its envelope stamped by the server, its body as it came in.
struct Came {
  explicit Came(std::string_view text, std::string_view lang = {}) {
    const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits{});
    REQUIRE(index.has_value());
    can_be_spliced = spliceable(*index, xml::StreamScope::client());
    stanza.from = Jid::parse("alice@example.org/phone").value();
    stanza.to = Jid::parse("bob@example.org").value();
    stanza.body = BodyRef::copy_of(*index, lang);
  }

  xml::Parser parser;
  Stanza stanza;
  bool can_be_spliced = false;
};

std::string written(const Stanza& stanza) {
  std::string out;
  append_stanza(out, stanza);
  return out;
}

std::string leaves_as(std::string_view text, std::string_view lang = {}) { return written(Came{text, lang}.stanza); }

Stanza iq(std::string_view text) {
  Came came{text};
  came.stanza.kind = StanzaKind::iq;
  came.stanza.type = StanzaType::get;
  return came.stanza;
}

}  // namespace

TEST_CASE("a stanza leaves with the addresses of its envelope and everything else it came with") {
  CHECK(leaves_as("<message type='chat' id='1' to='bob@example.org'><body>hi</body></message>") ==
        "<message from='alice@example.org/phone' to='bob@example.org' type='chat' id='1'><body>hi</body></message>");
}

TEST_CASE("a forged sender does not leave, however it is quoted and wherever it stands") {
  CHECK(leaves_as("<message from=\"eve@example.org\" id='1'/>") ==
        "<message from='alice@example.org/phone' to='bob@example.org' id='1'/>");
  CHECK(leaves_as("<message id='1' \n from \t=\n'eve@example.org'/>") ==
        "<message from='alice@example.org/phone' to='bob@example.org' id='1'/>");
}

TEST_CASE("attributes keep their quotes and references, and namespaces of prefixes stay declared") {
  CHECK(leaves_as("<message xmlns='jabber:client' xmlns:x='urn:x' id=\"it's &lt;\" x:from='a'><x:y/></message>") ==
        "<message from='alice@example.org/phone' to='bob@example.org' xmlns:x='urn:x' id=\"it's &lt;\" x:from='a'>"
        "<x:y/></message>");
}

TEST_CASE("content is spliced byte by byte") {
  const std::string content =
      "\n <body xml:lang='de'>&#x41;&amp;<![CDATA[<&>]]>\xC3\xA4</body >\t<x\n xmlns = \"urn:x\" a= 'b'></x><!-- -->";
  const std::string text = "<message>" + content.substr(0, content.find("<!--")) + "</message>";

  const std::string out = leaves_as(text);

  CHECK(out == "<message from='alice@example.org/phone' to='bob@example.org'>" +
                   content.substr(0, content.find("<!--")) + "</message>");
}

TEST_CASE("the language of the stream is added to a stanza that names none, escaped") {
  CHECK(leaves_as("<message/>", "de") ==
        "<message from='alice@example.org/phone' to='bob@example.org' xml:lang='de'/>");
  CHECK(leaves_as("<message xml:lang='fr'/>", "de") ==
        "<message from='alice@example.org/phone' to='bob@example.org' xml:lang='fr'/>");
  CHECK(leaves_as("<message xml:lang=''/>", "de") ==
        "<message from='alice@example.org/phone' to='bob@example.org' xml:lang=''/>");
  CHECK(leaves_as("<message/>", "d'e<") ==
        "<message from='alice@example.org/phone' to='bob@example.org' xml:lang='d&apos;e&lt;'/>");
}

TEST_CASE("extras come behind the content, even when there is none") {
  Came came{"<message/>"};
  came.stanza.extras = "<delay xmlns='urn:xmpp:delay'/>";

  CHECK(written(came.stanza) ==
        "<message from='alice@example.org/phone' to='bob@example.org'>"
        "<delay xmlns='urn:xmpp:delay'/></message>");
}

TEST_CASE("addresses are escaped as they leave, and absent ones are left out") {
  Came came{"<message/>"};
  came.stanza.from = Jid::parse("alice@example.org/it's <me>").value();
  came.stanza.to = {};

  CHECK(written(came.stanza) == "<message from='alice@example.org/it&apos;s &lt;me&gt;'/>");
}

TEST_CASE("a copy for somebody else differs in its recipient only") {
  const Came came{"<message id='1'/>"};
  std::string out;

  append_stanza(out, came.stanza, Jid::parse("bob@example.org/desk").value());

  CHECK(out == "<message from='alice@example.org/phone' to='bob@example.org/desk' id='1'/>");
}

TEST_CASE("a body outlives the bytes it was made of, and is the same for all who share it") {
  Stanza copy;
  {
    std::string text = "<message id='7'><body>kept</body></message>";
    const Came came{text};
    copy = came.stanza;
    text.assign(text.size(), '?');
  }

  CHECK(copy.id() == "7");
  CHECK(copy.element().child("body")->text() == "kept");
  CHECK(written(copy) ==
        "<message from='alice@example.org/phone' to='bob@example.org' id='7'><body>kept</body></message>");
}

TEST_CASE("bytes that mean something else on another stream are not spliced") {
  CHECK(Came{"<message><body/></message>"}.can_be_spliced);
  CHECK(Came{"<message xmlns='jabber:client'/>"}.can_be_spliced);
  CHECK(Came{"<m:message xmlns:m='jabber:client' xmlns='jabber:client'/>"}.can_be_spliced);
  CHECK_FALSE(Came{"<message><stream:x/></message>"}.can_be_spliced);
  CHECK_FALSE(Came{"<m:message xmlns:m='jabber:client' xmlns='urn:other'><x/></m:message>"}.can_be_spliced);
}

TEST_CASE("the words of types and what they mean") {
  CHECK(stanza_type(StanzaKind::message, "chat") == StanzaType::chat);
  CHECK(stanza_type(StanzaKind::presence, "probe") == StanzaType::probe);
  CHECK(stanza_type(StanzaKind::iq, "result") == StanzaType::result);
  for (const StanzaKind kind : {StanzaKind::message, StanzaKind::presence, StanzaKind::iq})
    CHECK(stanza_type(kind, "error") == StanzaType::error);
  CHECK_FALSE(stanza_type(StanzaKind::message, "get"));
  CHECK_FALSE(stanza_type(StanzaKind::presence, "available"));
  CHECK_FALSE(stanza_type(StanzaKind::iq, "GET"));
  CHECK(name_of(StanzaType::normal).empty());
  CHECK(name_of(StanzaType::available).empty());
  CHECK(name_of(StanzaType::unsubscribed) == "unsubscribed");
}

TEST_CASE("a result goes back with the id of the question, whatever is in it") {
  const Stanza answer = make_result(iq("<iq id=\"a'b&quot;&lt;&amp;&#x20AC; \" type='get'><q xmlns='urn:q'/></iq>"),
                                    "<q xmlns='urn:q'/>");

  CHECK(answer.id() == "a'b\"<&\xE2\x82\xAC ");
  CHECK(answer.is_answer());
  CHECK(written(answer) ==
        "<iq from='bob@example.org' to='alice@example.org/phone' type='result' "
        "id='a&apos;b&quot;&lt;&amp;\xE2\x82\xAC '><q xmlns='urn:q'/></iq>");
}

TEST_CASE("an error goes back with the content first, and the prefixes that the content needs") {
  const Stanza answer = make_error(iq("<iq type='get' id='1' xmlns:q='urn:q' xml:lang='de'><q:query/></iq>"),
                                   StanzaError::service_unavailable());

  CHECK(written(answer) ==
        "<iq from='bob@example.org' to='alice@example.org/phone' xmlns:q='urn:q' type='error' id='1'><q:query/>"
        "<error code='503' type='cancel'><service-unavailable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
  CHECK(answer.type == StanzaType::error);
}

TEST_CASE("a password that somebody registers with does not travel once more in an error") {
  const Stanza answer =
      make_error(iq("<iq type='set' id='1'><query xmlns='jabber:iq:register'><password>s3cret</password></query></iq>"),
                 StanzaError::conflict());

  CHECK(written(answer) ==
        "<iq from='bob@example.org' to='alice@example.org/phone' type='error' id='1'>"
        "<error code='409' type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
}

TEST_CASE("an error does not echo what is huge") {
  const std::string text = "<message id='1'><body>" + std::string(100'000, 'x') + "</body></message>";

  const std::string out = written(make_error(Came{text}.stanza, StanzaError::service_unavailable()));

  CHECK(out ==
        "<message from='bob@example.org' to='alice@example.org/phone' type='error' id='1'>"
        "<error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        "</message>");
}

TEST_CASE("an error can be made of everything that fits into a stanza") {
  std::string deep = "<message>";
  for (int i = 0; i < 63; ++i) deep += "<a>";
  for (int i = 0; i < 63; ++i) deep += "</a>";
  deep += "</message>";
  std::string wide = "<message";
  for (int i = 0; i < 64; ++i) wide += " xmlns:p" + std::to_string(i) + "='urn:" + std::to_string(i) + "'";
  wide += "/>";

  CHECK(written(make_error(Came{deep}.stanza, StanzaError::conflict())).ends_with("</error></message>"));
  CHECK(written(make_error(Came{wide}.stanza, StanzaError::conflict())).ends_with("</error></message>"));
}

TEST_CASE("four types of presence are about subscriptions") {
  const auto is_one = [](StanzaKind kind, StanzaType type) {
    return Stanza{.kind = kind, .type = type}.is_subscription();
  };
  for (const StanzaType type :
       {StanzaType::subscribe, StanzaType::subscribed, StanzaType::unsubscribe, StanzaType::unsubscribed})
    CHECK(is_one(StanzaKind::presence, type));
  for (const StanzaType type : {StanzaType::available, StanzaType::unavailable, StanzaType::probe, StanzaType::error})
    CHECK(!is_one(StanzaKind::presence, type));
  CHECK(!is_one(StanzaKind::message, StanzaType::subscribe));
}
