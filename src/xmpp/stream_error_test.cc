// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stream_error.h"

#include <doctest/doctest.h>

#include <type_traits>

using namespace meerkat;

namespace {

std::string written(const StreamError& error) {
  std::string out;
  error.append_to(out);
  return out;
}

}  // namespace

TEST_CASE("a stream error is written with its condition, text and application-specific element, in this order") {
  CHECK(written(StreamError::host_unknown()) ==
        "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
  CHECK(written(StreamError::undefined_condition("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='8' send-count='5'/>",
                                                 "5 < 8")) ==
        "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>5 &lt; 8</text>"
        "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='8' send-count='5'/></stream:error>");
}

TEST_CASE("see-other-host names the host") {
  CHECK(written(StreamError::see_other_host("[2001:db8::1]:5222")).contains(">[2001:db8::1]:5222</see-other-host>"));
}

TEST_CASE("a stream error stands alone where the stream's prefix is not declared") {
  std::string out;
  StreamError::conflict("Replaced by new connection").append_as_document_to(out);
  CHECK(out ==
        "<error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>Replaced by new connection</text></error>");
}

TEST_CASE("every stream condition is found again by its name and written under it") {
  for (int i = 0; i <= static_cast<int>(StreamCondition::unsupported_version); ++i) {
    const auto condition = static_cast<StreamCondition>(i);
    const std::string name{condition_name(condition)};
    CAPTURE(name);
    CHECK(stream_condition(name) == condition);
    CHECK(written(StreamError::of(condition)).contains("<" + name + " xmlns="));
  }
  CHECK(!stream_condition("xml-not-well-formed"));  // RFC 3920's name
}

TEST_CASE("a stream error is thrown and caught whole") {
  static_assert(std::is_nothrow_move_constructible_v<StreamError> && std::is_copy_constructible_v<StreamError>);
  try {
    throw StreamError::policy_violation("too fast");
  } catch (const StreamError& error) {
    CHECK(error == StreamError::policy_violation("too fast"));
    CHECK(error != StreamError::policy_violation());
  }
}
