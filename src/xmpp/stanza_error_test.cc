// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stanza_error.h"

#include <doctest/doctest.h>

using namespace meerkat;

namespace {

std::string written(const StanzaError& error) {
  std::string out;
  error.append_to(out);
  return out;
}

}  // namespace

TEST_CASE("a stanza error is written with type, code and condition") {
  CHECK(written(StanzaError::item_not_found()) ==
        "<error code='404' type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
  CHECK(written(StanzaError::policy_violation()) ==
        "<error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
}

TEST_CASE("the text of a stanza error is escaped") {
  CHECK(written(StanzaError::bad_request("1 < 2 & so on")) ==
        "<error code='400' type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>1 &lt; 2 &amp; so on</text></error>");
}

TEST_CASE("gone and redirect carry an address") {
  CHECK(written(StanzaError::gone("xmpp:a&b@c")) ==
        "<error code='302' type='cancel'><gone "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:a&amp;b@c</gone></error>");
  CHECK(written(StanzaError::redirect("xmpp:a@b")).contains(">xmpp:a@b</redirect>"));
  CHECK(written(StanzaError::gone()).contains("<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"));
}

TEST_CASE("an application-specific element comes last, as it is") {
  CHECK(
      written(
          StanzaError::not_acceptable().as(StanzaErrorType::cancel).with("<blocked xmlns='urn:xmpp:blocking:errors'/>"))
          .ends_with("xmpp-stanzas'/><blocked xmlns='urn:xmpp:blocking:errors'/></error>"));
  CHECK(StanzaError::undefined_condition("<x xmlns='y'/>", "why").application == "<x xmlns='y'/>");
}

TEST_CASE("every stanza condition is found again by its name and written under it") {
  for (int i = 0; i <= static_cast<int>(StanzaCondition::unexpected_request); ++i) {
    const auto condition = static_cast<StanzaCondition>(i);
    const std::string name{condition_name(condition)};
    CAPTURE(name);
    CHECK(stanza_condition(name) == condition);
    CHECK(written(StanzaError::of(condition)).contains("<" + name + " xmlns="));
    CHECK(StanzaError::of(condition).type == default_type(condition));
  }
  CHECK(!stanza_condition("nonsense"));
}

TEST_CASE("each factory makes the condition that it is named after") {
  CHECK(StanzaError::conflict().condition_name() == "conflict");
  CHECK(StanzaError::feature_not_implemented().condition_name() == "feature-not-implemented");
  CHECK(StanzaError::forbidden().type == StanzaErrorType::auth);
  CHECK(StanzaError::resource_constraint().type == StanzaErrorType::wait);
  CHECK(StanzaError::service_unavailable().condition_name() == "service-unavailable");
  CHECK(StanzaError::unexpected_request().condition_name() == "unexpected-request");
}

TEST_CASE("error types are found again by their names") {
  CHECK(stanza_error_type("continue") == StanzaErrorType::continue_);
  CHECK(type_name(StanzaErrorType::continue_) == "continue");
  CHECK(!stanza_error_type("continue_"));
}
