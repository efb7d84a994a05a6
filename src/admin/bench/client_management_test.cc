// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/client_management.h"

#include <doctest/doctest.h>

#include "xml/parser.h"

using namespace meerkat;
using namespace meerkat::bench;

namespace {

// A client that speaks to the test.
struct Trial {
  explicit Trial(std::uint32_t ask_every = 0) : management(ask_every) {
    const auto index = parsed("<enabled xmlns='urn:xmpp:sm:3' id='a&amp;b' resume='true'/>");
    CHECK(management.enabled(xml::Element{index}) == "");
  }

  xml::Index parsed(std::string_view text) { return parser.parse(text, xml::StreamScope::client(), {}).value(); }
  // "" when it was about stream management, "stanza" when it was not, else the problem.
  std::string hears(std::string_view text) {
    const auto index = parsed(text);
    const auto taken = management.takes(xml::Element{index}, out);
    if (!taken) return taken.error();
    return *taken ? "" : "stanza";
  }
  std::string resumes(std::string_view text) {
    const auto index = parsed(text);
    return management.resumed(xml::Element{index});
  }

  xml::Parser parser;
  ClientManagement management;
  std::string out;
};

}  // namespace

TEST_CASE("a question is answered with the number of stanzas that came") {
  Trial trial;

  CHECK(trial.hears("<message><body>one</body></message>") == "stanza");
  CHECK(trial.hears("<presence/>") == "stanza");
  CHECK(trial.hears("<iq type='result' id='a'/>") == "stanza");
  CHECK(trial.hears("<r xmlns='urn:xmpp:sm:3'/>") == "");

  CHECK(trial.out == "<a xmlns='urn:xmpp:sm:3' h='3'/>");
  CHECK(trial.management.asked() == 1);
}

TEST_CASE("an acknowledgement is asked for behind every so many stanzas") {
  Trial trial{2};

  for (int i = 0; i < 5; ++i) {
    trial.out += "+";
    trial.management.sent(trial.out);
  }

  CHECK(trial.out == "++<r xmlns='urn:xmpp:sm:3'/>++<r xmlns='urn:xmpp:sm:3'/>+");
}

TEST_CASE("what the server acknowledges is taken off, and more than it was sent is a mistake") {
  Trial trial;
  for (int i = 0; i < 3; ++i) trial.management.sent(trial.out);

  CHECK(trial.hears("<a xmlns='urn:xmpp:sm:3' h='2'/>") == "");
  CHECK(trial.management.unacknowledged() == 1);
  CHECK(trial.hears("<a xmlns='urn:xmpp:sm:3' h='4'/>") == "the server acknowledges 4 stanzas, and was sent 3");
  CHECK(trial.hears("<a xmlns='urn:xmpp:sm:3' h='1'/>") == "the server acknowledges 1 stanzas, and was sent 3");
  CHECK(trial.hears("<a xmlns='urn:xmpp:sm:3' h='3 '/>") == "the server acknowledges without a number");
  CHECK(trial.hears("<a xmlns='urn:xmpp:sm:3'/>") == "the server acknowledges without a number");
}

TEST_CASE("a session is resumed by its id and with what came, and must know all that was sent") {
  Trial trial;
  trial.management.sent(trial.out);
  CHECK(trial.hears("<message/>") == "stanza");

  trial.management.ask_to_resume(trial.out);

  CHECK(trial.out == "<resume xmlns='urn:xmpp:sm:3' h='1' previd='a&amp;b'/>");
  CHECK(trial.resumes("<resumed xmlns='urn:xmpp:sm:3' previd='a&amp;b' h='1'/>") == "");
  trial.management.sent(trial.out);
  CHECK(trial.resumes("<resumed xmlns='urn:xmpp:sm:3' previd='a&amp;b' h='1'/>") ==
        "the server has handled 1 of the 2 stanzas it was sent");
  CHECK(trial.resumes("<resumed xmlns='urn:xmpp:sm:3' previd='another' h='2'/>") ==
        "the server resumed another session");
}

TEST_CASE("a session without an id cannot be resumed") {
  xml::Parser parser;
  const auto index = parser.parse("<enabled xmlns='urn:xmpp:sm:3'/>", xml::StreamScope::client(), {}).value();

  ClientManagement management{0};

  CHECK(management.enabled(xml::Element{index}) == "the server gave the session no id to resume it by");
  CHECK_FALSE(management.counts());
}
