// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/test_hall.h"
#include "modules/vcard/directory.h"
#include "modules/vcard/vcard.h"

using namespace meerkat;

namespace {

struct Scene {
  explicit Scene(std::string_view options = {}) {
    REQUIRE(server.start(vcard_module(), options) == "");
    alice = &server.login("alice");
    tells("alice",
          "<FN>Alice Liddell</FN><N><GIVEN>Alice</GIVEN><FAMILY>Liddell</FAMILY></N>"
          "<NICKNAME>Ali</NICKNAME><EMAIL><INTERNET/><USERID>alice@example.org</USERID></EMAIL>");
    tells("albert",
          "<FN>Albert Ärmel</FN><N><GIVEN>Albert</GIVEN><FAMILY>Ärmel</FAMILY></N>"
          "<ADR><HOME/></ADR><ADR><CTRY>Germany</CTRY><LOCALITY>Ulm</LOCALITY></ADR>");
    tells("bob", "<FN>Bob 100%</FN><ORG><ORGNAME>Cap &amp; Bells</ORGNAME><ORGUNIT>Hats</ORGUNIT></ORG>");
  }
  void tells(std::string_view user, std::string_view card) {
    TestClient& client = server.login(user, "teller");
    client.says("<iq type='set' id='1'><vCard xmlns='vcard-temp'>" + std::string{card} + "</vCard></iq>");
    REQUIRE(client.hears("type='result'"));
  }
  std::string asks(std::string_view type, std::string_view content) {
    alice->says("<iq type='" + std::string{type} + "' id='1' to='vjud.localhost'><query xmlns='jabber:iq:search'>" +
                std::string{content} + "</query></iq>");
    return alice->heard();
  }
  std::string searches(std::string_view var, std::string_view value) {
    return asks("set", "<x xmlns='jabber:x:data' type='submit'><field var='" + std::string{var} + "'><value>" +
                           std::string{value} + "</value></field></x>");
  }

  TestServer server;
  TestClient* alice = nullptr;
};

bool finds(std::string_view heard, std::string_view user) {
  return contains(heard, "<field var='jid'><value>" + std::string{user} + "@localhost</value></field>");
}

}  // namespace

TEST_CASE("the directory tells what it is") {
  Scene scene;

  scene.alice->says(
      "<iq type='get' id='1' to='vjud.localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  const std::string heard = scene.alice->heard();
  CHECK(contains(heard, "<identity category='directory' type='user'"));
  CHECK(contains(heard, "<feature var='jabber:iq:search'/>"));
  CHECK(contains(heard, "<feature var='vcard-temp'/>"));
  scene.alice->says("<iq type='get' id='1' to='vjud.localhost'><vCard xmlns='vcard-temp'/></iq>");
  CHECK(scene.alice->hears("<FN>User directory</FN>"));
}

TEST_CASE("what can be searched for is told as a form, and in plain for clients without forms") {
  Scene scene;

  const std::string heard = scene.asks("get", "");

  CHECK(contains(heard, "<first/><last/><nick/><email/><x xmlns='jabber:x:data' type='form'>"));
  CHECK(contains(heard, "<field var='FORM_TYPE' type='hidden'><value>jabber:iq:search</value></field>"));
  for (const std::string_view var :
       {"user", "fn", "last", "first", "middle", "nick", "bday", "ctry", "locality", "email", "orgname", "orgunit"})
    CHECK(contains(heard, "<field var='" + std::string{var} + "' type='text-single'"));
}

TEST_CASE("a whole value finds those who have it, however it is written") {
  Scene scene;

  const std::string heard = scene.searches("fn", " alice LIDDELL ");
  CHECK(finds(heard, "alice"));
  CHECK(contains(heard, "<field var='last'><value>Liddell</value></field>"));
  CHECK(contains(heard, "<reported><field var='jid' type='jid-single' label='Jabber ID'/>"));
  CHECK(!finds(heard, "albert"));
  CHECK(finds(scene.searches("last", "äRMEL"), "albert"));
  CHECK(!finds(scene.searches("fn", "alice"), "alice"));
}

TEST_CASE("a star at the end finds what begins like that, and no other sign means anything") {
  Scene scene;

  const std::string heard = scene.searches("user", "al*");
  CHECK(finds(heard, "alice"));
  CHECK(finds(heard, "albert"));
  CHECK(!finds(heard, "bob"));
  CHECK(finds(scene.searches("last", "ä*"), "albert"));
  CHECK(finds(scene.searches("fn", "bob 100%"), "bob"));
  for (const std::string_view pattern : {"bob ___%", "%", "bob%", "*ob", "b*b 100%", "' OR 1 --", "bob?"})
    CHECK(!contains(scene.searches("fn", pattern), "<item>"));
}

TEST_CASE("every field can be searched") {
  Scene scene;

  CHECK(finds(scene.searches("first", "albert"), "albert"));
  CHECK(finds(scene.searches("nick", "ali"), "alice"));
  CHECK(finds(scene.searches("email", "alice@*"), "alice"));
  CHECK(finds(scene.searches("ctry", "germany"), "albert"));
  CHECK(finds(scene.searches("locality", "u*"), "albert"));
  CHECK(finds(scene.searches("orgname", "cap &amp; bells"), "bob"));
  CHECK(finds(scene.searches("orgunit", "hats"), "bob"));
}

TEST_CASE("several fields find those whom all of them fit") {
  Scene scene;
  const auto both = [&](std::string_view first, std::string_view country) {
    return scene.asks("set", "<x xmlns='jabber:x:data' type='submit'><field var='first'><value>" + std::string{first} +
                                 "</value></field><field var='ctry'><value>" + std::string{country} +
                                 "</value></field><field var='unheard-of'><value>x</value></field></x>");
  };

  CHECK(finds(both("al*", "ger*"), "albert"));
  CHECK(!finds(both("al*", "ger*"), "alice"));
  CHECK(!contains(both("bert", "ger*"), "<item>"));
}

TEST_CASE("a client without forms searches by first and last name, nickname and email") {
  Scene scene;

  CHECK(contains(scene.asks("set", "<last>liddell</last>"),
                 "<item jid='alice@localhost'><first>Alice</first><last>Liddell</last><nick>Ali</nick>"
                 "<email>alice@example.org</email></item>"));
  CHECK(contains(scene.asks("set", "<last>nobody</last>"), "<query xmlns='jabber:iq:search'/>"));
}

TEST_CASE("a search for nothing finds nobody, and one that was cancelled is over") {
  Scene scene;

  CHECK(!contains(scene.searches("fn", ""), "<item>"));
  CHECK(contains(scene.asks("set", ""), "<query xmlns='jabber:iq:search'/>"));
  CHECK(contains(scene.asks("set", "<x xmlns='jabber:x:data' type='cancel'/>"), "type='result'"));
  CHECK(contains(scene.asks("set", "<x xmlns='jabber:x:data' type='form'/>"), "<bad-request"));
  CHECK(contains(scene.asks("set",
                            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:register"
                            "</value></field></x>"),
                 "<bad-request"));
}

TEST_CASE("no more are found than the operator allows") {
  Scene scene{"matches = 2"};

  const std::string heard = scene.searches("user", "*");

  std::size_t items = 0;
  for (std::size_t at = heard.find("<item>"); at != std::string::npos; at = heard.find("<item>", at + 1)) ++items;
  CHECK(items == 2);
}

TEST_CASE("an answer has a bound in bytes, whatever the operator allows") {
  Scene scene{"matches = \"infinity\""};
  const std::string value(1000, 'x');
  for (int i = 0; i < 120; ++i)
    scene.tells("many" + std::to_string(i),
                "<FN>" + value + "</FN><NICKNAME>" + value + "</NICKNAME><BDAY>" + value + "</BDAY>");

  const std::string heard = scene.searches("user", "many*");

  CHECK(contains(heard, "<item>"));
  CHECK(heard.size() < Directory::most_bytes + 10000);
}

TEST_CASE("without search there is no directory") {
  Scene scene{"search = false"};

  CHECK(contains(scene.asks("get", ""), "<remote-server-not-found"));
}

TEST_CASE("the directory has the address the operator gives it") {
  TestServer server;
  CHECK(contains(server.start(vcard_module(), "host = \"no domain\""), "test.toml:1"));
  REQUIRE(server.start(vcard_module(), "host = \"people.@HOST@\"") == "");

  TestClient& alice = server.login("alice");
  alice.says("<iq type='get' id='1' to='people.localhost'><query xmlns='jabber:iq:search'/></iq>");
  CHECK(alice.hears("type='result'"));
}

TEST_CASE("what somebody does not say of themselves any more is not found any more") {
  Scene scene;
  scene.alice->says("<iq type='set' id='1'><vCard xmlns='vcard-temp'><FN>Somebody Else</FN></vCard></iq>");
  scene.alice->heard();

  CHECK(!contains(scene.searches("last", "liddell"), "<item>"));
  CHECK(finds(scene.searches("fn", "somebody*"), "alice"));
}
