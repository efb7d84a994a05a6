// SPDX-License-Identifier: Apache-2.0
#include "xmpp/entity_caps.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "xml/parser.h"
#include "xmpp/named_hash.h"

using namespace meerkat;

namespace {

// XEP-0115 §5.3.
constexpr std::string_view psi =
    R"(<query xmlns='http://jabber.org/protocol/disco#info'>)"
    R"(<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>)"
    R"(<identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>)"
    R"(<feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>)"
    R"(<feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>)"
    R"(<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>)"
    R"(<value>urn:xmpp:dataforms:softwareinfo</value></field><field var='ip_version' type='text-multi'>)"
    R"(<value>ipv4</value><value>ipv6</value></field><field var='os'><value>Mac</value></field>)"
    R"(<field var='os_version'><value>10.5.1</value></field><field var='software'><value>Psi</value></field>)"
    R"(<field var='software_version'><value>0.11</value></field></x></query>)";

// XEP-0390 §4.5.1, §4.5.2.
constexpr std::string_view bombus =
    R"(<query xmlns="http://jabber.org/protocol/disco#info">)"
    R"(<identity category="client" name="BombusMod" type="mobile"/><feature var="http://jabber.org/protocol/si"/>)"
    R"(<feature var="http://jabber.org/protocol/bytestreams"/><feature var="http://jabber.org/protocol/chatstates"/>)"
    R"(<feature var="http://jabber.org/protocol/disco#info"/><feature var="http://jabber.org/protocol/disco#items"/>)"
    R"(<feature var="urn:xmpp:ping"/><feature var="jabber:iq:time"/><feature var="jabber:iq:privacy"/>)"
    R"(<feature var="jabber:iq:version"/><feature var="http://jabber.org/protocol/rosterx"/>)"
    R"(<feature var="urn:xmpp:time"/><feature var="jabber:x:oob"/><feature var="http://jabber.org/protocol/ibb"/>)"
    R"(<feature var="http://jabber.org/protocol/si/profile/file-transfer"/><feature var="urn:xmpp:receipts"/>)"
    R"(<feature var="jabber:iq:roster"/><feature var="jabber:iq:last"/></query>)";
constexpr std::string_view tkabber =
    R"(<query xmlns="http://jabber.org/protocol/disco#info">)"
    R"(<identity category="client" name="Tkabber" type="pc" xml:lang="en"/>)"
    R"(<identity category="client" name="Ткаббер" type="pc" xml:lang="ru"/><feature var="games:board"/>)"
    R"(<feature var="http://jabber.org/protocol/activity"/>)"
    R"(<feature var="http://jabber.org/protocol/activity+notify"/>)"
    R"(<feature var="http://jabber.org/protocol/bytestreams"/><feature var="http://jabber.org/protocol/chatstates"/>)"
    R"(<feature var="http://jabber.org/protocol/commands"/><feature var="http://jabber.org/protocol/disco#info"/>)"
    R"(<feature var="http://jabber.org/protocol/disco#items"/><feature var="http://jabber.org/protocol/evil"/>)"
    R"(<feature var="http://jabber.org/protocol/feature-neg"/><feature var="http://jabber.org/protocol/geoloc"/>)"
    R"(<feature var="http://jabber.org/protocol/geoloc+notify"/><feature var="http://jabber.org/protocol/ibb"/>)"
    R"(<feature var="http://jabber.org/protocol/iqibb"/><feature var="http://jabber.org/protocol/mood"/>)"
    R"(<feature var="http://jabber.org/protocol/mood+notify"/><feature var="http://jabber.org/protocol/rosterx"/>)"
    R"(<feature var="http://jabber.org/protocol/si"/>)"
    R"(<feature var="http://jabber.org/protocol/si/profile/file-transfer"/>)"
    R"(<feature var="http://jabber.org/protocol/tune"/><feature var="http://www.facebook.com/xmpp/messages"/>)"
    R"(<feature var="http://www.xmpp.org/extensions/xep-0084.html#ns-metadata+notify"/>)"
    R"(<feature var="jabber:iq:avatar"/><feature var="jabber:iq:browse"/><feature var="jabber:iq:dtcp"/>)"
    R"(<feature var="jabber:iq:filexfer"/><feature var="jabber:iq:ibb"/><feature var="jabber:iq:inband"/>)"
    R"(<feature var="jabber:iq:jidlink"/><feature var="jabber:iq:last"/><feature var="jabber:iq:oob"/>)"
    R"(<feature var="jabber:iq:privacy"/><feature var="jabber:iq:roster"/><feature var="jabber:iq:time"/>)"
    R"(<feature var="jabber:iq:version"/><feature var="jabber:x:data"/><feature var="jabber:x:event"/>)"
    R"(<feature var="jabber:x:oob"/><feature var="urn:xmpp:avatar:metadata+notify"/><feature var="urn:xmpp:ping"/>)"
    R"(<feature var="urn:xmpp:receipts"/><feature var="urn:xmpp:time"/><x xmlns="jabber:x:data" type="result">)"
    R"(<field type="hidden" var="FORM_TYPE"><value>urn:xmpp:dataforms:softwareinfo</value></field>)"
    R"(<field var="software"><value>Tkabber</value></field><field var="software_version">)"
    R"(<value>0.11.1-svn-20111216-mod (Tcl/Tk 8.6b2)</value></field><field var="os"><value>Windows</value></field>)"
    R"(<field var="os_version"><value>XP</value></field></x></query>)";

struct Answer {
  explicit Answer(std::string_view text) : index_(parsed(text)), query(index_) {}

 private:
  xml::Index parsed(std::string_view text) {
    const auto index = parser_.parse(text, xml::StreamScope::none(), xml::Limits{});
    REQUIRE(index.has_value());
    return *index;
  }
  xml::Parser parser_;
  xml::Index index_;

 public:
  xml::Element query;
};

std::string ver(std::string_view text) {
  const auto hashed = caps_text(Answer{text}.query);
  return hashed ? base64(*named_hash("sha-1", *hashed)) : "ill-formed";
}

std::string hash2(std::string_view text, std::string_view algorithm, std::string_view lang = {}) {
  const auto hashed = caps2_text(Answer{text}.query, lang);
  return hashed ? base64(*named_hash(algorithm, *hashed)) : "an error";
}

std::string answer(std::string_view content) {
  return "<query xmlns='http://jabber.org/protocol/disco#info'>" + std::string{content} + "</query>";
}

std::string form(std::string_view fields) {
  return "<x xmlns='jabber:x:data' type='result'>" + std::string{fields} + "</x>";
}

constexpr std::string_view client = "<identity category='client' type='pc'/>";
constexpr std::string_view named = "<field var='FORM_TYPE' type='hidden'><value>a</value></field>";

}  // namespace

TEST_CASE("the examples of XEP-0115 have the verification strings that stand there") {
  CHECK(ver(answer("<identity category='client' name='Exodus 0.9.1' type='pc'/>"
                   "<feature var='http://jabber.org/protocol/disco#items'/>"
                   "<feature var='http://jabber.org/protocol/muc'/><feature var='http://jabber.org/protocol/caps'/>"
                   "<feature var='http://jabber.org/protocol/disco#info'/>")) == "QgayPKawpkPSDYmwT/WM94uAlu0=");
  CHECK(ver(psi) == "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

TEST_CASE("what stands twice in an answer makes it ill-formed") {
  const std::string once{client};
  CHECK(ver(answer(once)) != "ill-formed");
  CHECK(ver(answer(once + once)) == "ill-formed");
  CHECK(ver(answer(once + "<feature var='a'/><feature var='a'/>")) == "ill-formed");
  const std::string one_form = form(named);
  CHECK(ver(answer(once + one_form + one_form)) == "ill-formed");
  CHECK(ver(answer(once + form("<field var='FORM_TYPE' type='hidden'><value>a</value><value>b</value></field>"))) ==
        "ill-formed");
}

TEST_CASE("forms that do not say what they are do not count") {
  const std::string plain = ver(answer(client));
  CHECK(ver(answer(std::string{client} + form("<field var='os'><value>a</value></field>"))) == plain);
  CHECK(ver(answer(std::string{client} + form("<field var='FORM_TYPE'><value>a</value></field>"))) == plain);
  CHECK(ver(answer(std::string{client} + form(named))) != plain);
}

TEST_CASE("nobody can pass off one part of an answer as another") {
  CHECK(ver(answer(std::string{client} + "<feature var='a&lt;b'/>")) == "ill-formed");
  CHECK(ver(answer("<identity category='client/pc' type='' name='x'/>")) == "ill-formed");
  CHECK(ver(answer("<identity category='client' type='pc' name='x&lt;y'/>")) == "ill-formed");
  CHECK(ver(answer("<feature var='client/pc//'/>")) == "ill-formed");
}

TEST_CASE("the examples of XEP-0390 have the hashes that stand there") {
  CHECK(hash2(bombus, "sha-256") == "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=");
  CHECK(hash2(bombus, "sha3-256") == "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=");
  CHECK(hash2(tkabber, "sha-256") == "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=");
  CHECK(hash2(tkabber, "sha3-256") == "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=");
}

TEST_CASE("an identity without a language has that of the stanza") {
  const std::string plain = hash2(answer(client), "sha-256");
  CHECK(hash2(answer(client), "sha-256", "de") != plain);
  CHECK(hash2(answer("<identity category='client' type='pc' xml:lang='de'/>"), "sha-256") ==
        hash2(answer(client), "sha-256", "de"));
}

TEST_CASE("an answer with anything else in it has no hash") {
  const std::string once{client};
  CHECK(hash2(answer(once + "<other xmlns='urn:x'/>"), "sha-256") == "an error");
  CHECK(hash2(answer(once + form("<field var='os'/>")), "sha-256") == "an error");
  CHECK(hash2(answer(once + form(std::string{named} + "<item/>")), "sha-256") == "an error");
  CHECK(hash2(answer(once + form(std::string{named} + "<reported/>")), "sha-256") == "an error");
}
