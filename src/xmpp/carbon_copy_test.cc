// SPDX-License-Identifier: Apache-2.0
#include "xmpp/carbon_copy.h"

#include <doctest/doctest.h>

namespace meerkat {

TEST_CASE("a carbon copy wraps the message with its addresses, from the account to the other device") {
  const Jid juliet = *Jid::parse("juliet@capulet.example/balcony");
  const Stanza message = make_stanza(StanzaKind::message, StanzaType::chat, juliet,
                                     *Jid::parse("romeo@montague.example/garden"), "m1", "<body>&lt;Ay&gt;</body>");
  std::string out;
  append_carbon_copy(out, message, CarbonCopy::received, *Jid::parse("romeo@montague.example/home"));

  CHECK(out ==
        "<message from='romeo@montague.example' to='romeo@montague.example/home' type='chat'>"
        "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<message xmlns='jabber:client' from='juliet@capulet.example/balcony' to='romeo@montague.example/garden' "
        "type='chat' id='m1'><body>&lt;Ay&gt;</body></message></forwarded></received></message>");
}

}  // namespace meerkat
