// SPDX-License-Identifier: Apache-2.0
#include "modules/amp/rules.h"

#include <doctest/doctest.h>

#include "xml/parser.h"

using namespace meerkat;

namespace {

Stanza message(std::string_view content, std::string_view attributes = "id='m'") {
  const std::string text = "<message " + std::string{attributes} + ">" + std::string{content} + "</message>";
  xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits{});
  REQUIRE(index.has_value());
  Stanza made{.kind = StanzaKind::message, .from = *Jid::parse("alice@here/a"), .to = *Jid::parse("bob@here")};
  made.body = BodyRef::copy_of(*index, {});
  return made;
}

std::string rule(std::string_view condition, std::string_view action, std::string_view value) {
  return "<rule condition='" + std::string{condition} + "' action='" + std::string{action} + "' value='" +
         std::string{value} + "'/>";
}

std::string amp(std::string_view rules, std::string_view attributes = "") {
  return "<amp xmlns='http://jabber.org/protocol/amp' " + std::string{attributes} + ">" + std::string{rules} + "</amp>";
}

AmpRequest read(const std::string& content) {
  const Stanza asks = message(content);
  const auto found = amp_request_in(asks);
  REQUIRE(found.has_value());
  return read_amp_request(*found);
}

std::string mistake_in(const std::string& rules) {
  const AmpRequest request = read(amp(rules));
  return request.mistake ? std::string{request.mistake->named} + ": " + request.mistake->rules : "none";
}

// Which of the values of a condition are met.
std::string met(std::string_view condition, const AmpFate& fate) {
  std::string all;
  for (const std::string_view value : {"direct", "stored", "none", "forward", "gateway", "any", "exact", "other"}) {
    const AmpRequest request = read(amp(rule(condition, "drop", value)));
    if (request.first_met(fate) != nullptr) all += std::string{value} + ' ';
  }
  return all;
}

}  // namespace

TEST_CASE("a rule is met by what becomes of the message") {
  const AmpFate direct{.delivery = AmpValue::direct}, stored{.delivery = AmpValue::stored},
      none{.delivery = AmpValue::none};
  CHECK(met("deliver", direct) == "direct ");
  CHECK(met("deliver", stored) == "stored ");
  CHECK(met("deliver", none) == "none ");
  CHECK(met("match-resource", direct) == "any other ");
  CHECK(met("match-resource", stored) == "exact ");
  CHECK(met("match-resource", none) == "");
}

TEST_CASE("a full address is met exactly, or by another") {
  CHECK(met("match-resource", {AmpValue::direct, true, true}) == "any exact ");
  CHECK(met("match-resource", {AmpValue::direct, true, false}) == "any other ");
  CHECK(met("match-resource", {AmpValue::stored, true, false}) == "other ");
  CHECK(met("match-resource", {AmpValue::none, true, false}) == "");
}

TEST_CASE("the first rule that is met decides") {
  const AmpRequest request = read(amp(rule("deliver", "error", "stored") + rule("deliver", "notify", "direct") +
                                      rule("match-resource", "drop", "any")));

  const AmpRule* const first = request.first_met({.delivery = AmpValue::direct});

  REQUIRE(first != nullptr);
  CHECK(first->action == AmpAction::notify);
  CHECK(first->element == rule("deliver", "notify", "direct"));
}

TEST_CASE("what is not supported is named") {
  CHECK(mistake_in(rule("deliver", "alert", "stored")) == "unsupported-actions: " + rule("deliver", "alert", "stored"));
  CHECK(mistake_in(rule("expire-at", "drop", "2004-01-01T00:00:00Z")) ==
        "unsupported-conditions: " + rule("expire-at", "drop", "2004-01-01T00:00:00Z"));
  CHECK(mistake_in(rule("deliver", "drop", "direct") + rule("deliver", "alert", "none")) ==
        "unsupported-actions: " + rule("deliver", "alert", "none"));
}

TEST_CASE("a rule that makes no sense is invalid") {
  for (const std::string& wrong :
       {rule("deliver", "drop", "any"), rule("match-resource", "drop", "stored"), rule("deliver", "drop", "soon"),
        rule("deliver", "drop", ""), rule("", "drop", "direct"), rule("deliver", "", "direct")})
    CHECK(mistake_in(wrong) == "invalid-rules: " + wrong);
  CHECK(mistake_in("<rule/>") == "invalid-rules: " + rule("", "", ""));
  std::string many;
  for (int i = 0; i < 17; ++i) many += rule("deliver", "drop", "direct");
  CHECK(mistake_in(many) == "invalid-rules: " + rule("deliver", "drop", "direct"));
}

TEST_CASE("a resource is matched at the edges of the network only") {
  const std::string rules = rule("match-resource", "drop", "any") + rule("deliver", "drop", "none");

  CHECK(read(amp(rules, "per-hop='true'")).rules.size() == 1);
  CHECK(read(amp(rules, "per-hop='false'")).rules.size() == 2);
}

TEST_CASE("what tells of something that has happened asks for nothing") {
  const std::string rules = rule("deliver", "drop", "none");
  CHECK(!amp_request_in(message("<body>hi</body>")));
  CHECK(!amp_request_in(message(amp(rules, "status='notify'"))));
  CHECK(!amp_request_in(message(amp(rules) + "<error type='cancel'/>")));
  CHECK(amp_request_in(message(amp(rules))));
}

TEST_CASE("an answer names the rule and the message, and holds nothing else of it") {
  const Stanza asks = message("<body>secret</body>" + amp(rule("deliver", "notify", "direct")));
  const AmpRule met = read(amp(rule("deliver", "notify", "direct"))).rules.front();
  const Jid server = *Jid::parse("here");

  std::string told, failed;
  append_stanza(told, amp_notification(asks, server, met));
  append_stanza(failed, amp_failure(message("", ""), server, met));

  CHECK(told ==
        "<message from='here' to='alice@here/a' id='m'><amp "
        "xmlns='http://jabber.org/protocol/amp' status='notify' "
        "from='alice@here/a' to='bob@here'><rule condition='deliver' "
        "action='notify' value='direct'/></amp></message>");
  CHECK(failed ==
        "<message from='here' to='alice@here/a' type='error' "
        "id='original-id-missing'><amp "
        "xmlns='http://jabber.org/protocol/amp' status='error' "
        "from='alice@here/a' to='bob@here'>"
        "<rule condition='deliver' action='notify' "
        "value='direct'/></amp><error code='500' type='modify'>"
        "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<failed-rules xmlns='http://jabber.org/protocol/amp#errors'>"
        "<rule condition='deliver' action='notify' "
        "value='direct'/></failed-rules></error></message>");
}
