// SPDX-License-Identifier: Apache-2.0
#include "streams/stream_features.h"

#include <doctest/doctest.h>

#include "streams/sasl_exchange.h"
#include "streams/stream_problems.h"
#include "streams/test_streams.h"

using namespace meerkat;
using enum SaslMechanism;

namespace {

const ChannelBinding nothing_to_bind_to;
const ChannelBinding exporter{.tls_exporter = "x", .tls_server_end_point = ""};

struct Offer {
  LoginOffer login{.plain_without_tls = true};
  C2sOptions options;
  StreamAccounts accounts;
  bool secured = true;
  ChannelBinding binding;
  bool has_client_certificate = false;

  std::vector<SaslMechanism> made() {
    return offered_mechanisms(login, options, accounts, secured, binding, has_client_certificate);
  }
};

using Mechanisms = std::vector<SaslMechanism>;

std::string refused_as(std::string_view incomplete) {
  try {
    refuse_second_header(incomplete);
  } catch (const StreamError& error) {
    return std::string{error.condition_name()};
  }
  return "";
}

}  // namespace

TEST_CASE("SCRAM is offered for the hashes that accounts have keys for, and bound where there is a channel") {
  Offer offer;
  CHECK(offer.made() == Mechanisms{scram_sha_1, plain});

  offer.binding = exporter;
  CHECK(offer.made() == Mechanisms{scram_sha_1_plus, scram_sha_1, plain});

  offer.binding = {.tls_exporter = "", .tls_server_end_point = "x"};
  CHECK(offer.made() == Mechanisms{scram_sha_1_plus, scram_sha_1, plain});
}

TEST_CASE("SCRAM is not offered where some have no keys, unless the operator wants it") {
  Offer offer;
  offer.accounts.everybody_has_keys = false;
  CHECK(offer.made() == Mechanisms{plain});

  offer.login.scram_for_some = true;
  CHECK(offer.made() == Mechanisms{scram_sha_1, plain});

  // Where there is no PLAIN, it keeps nobody out.
  offer.login = {};
  offer.secured = false;
  CHECK(offer.made() == Mechanisms{scram_sha_1});
}

TEST_CASE("PLAIN is offered where nobody listens, or where the operator wants it") {
  Offer offer;
  offer.secured = false;
  offer.login.plain_without_tls = false;
  CHECK(offer.made() == Mechanisms{scram_sha_1});

  offer.login.plain_without_tls = true;
  CHECK(offer.made() == Mechanisms{scram_sha_1, plain});
}

TEST_CASE("PLAIN is not offered where no password can be checked") {
  Offer offer;
  offer.accounts.passwords_checked = false;

  CHECK(offer.made() == Mechanisms{scram_sha_1});
}

TEST_CASE("EXTERNAL is offered to those who showed a certificate, ANONYMOUS where the operator wants it") {
  Offer offer;
  offer.has_client_certificate = true;
  CHECK(offer.made() == Mechanisms{external, scram_sha_1, plain});

  offer.login.methods.push_back(AuthMethod::anonymous);
  CHECK(offer.made() == Mechanisms{external, scram_sha_1, plain, anonymous});
}

TEST_CASE("a listener may allow some of the methods only") {
  Offer offer;
  offer.login.methods.push_back(AuthMethod::anonymous);
  offer.options.allowed_auth_methods = {AuthMethod::anonymous};
  CHECK(offer.made() == Mechanisms{anonymous});

  offer.options.allowed_auth_methods = {AuthMethod::internal};
  CHECK(offer.made() == Mechanisms{scram_sha_1, plain});
}

TEST_CASE("the operator's list and its order decide") {
  Offer offer;
  offer.binding = exporter;
  offer.login.mechanisms = {plain, scram_sha_1_plus, scram_sha_512};

  CHECK(offer.made() == Mechanisms{plain, scram_sha_1_plus});
}

TEST_CASE("mechanisms are written in their order, with what they can bind to") {
  std::string features;
  append_mechanisms(features, {scram_sha_1_plus, plain}, {.tls_exporter = "x", .tls_server_end_point = "y"});

  CHECK(features ==
        "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1-PLUS</mechanism>"
        "<mechanism>PLAIN</mechanism></mechanisms><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
        "<channel-binding type='tls-exporter'/><channel-binding type='tls-server-end-point'/>"
        "</sasl-channel-binding>");
}

TEST_CASE("no mechanisms leave no trace, and without a bound one nothing is said of binding") {
  std::string features;
  append_mechanisms(features, {}, exporter);
  CHECK(features.empty());

  append_mechanisms(features, {plain}, exporter);
  CHECK_FALSE(contains(features, "channel-binding"));
}

TEST_CASE("version 1 is a number with a dot, of whatever minor version") {
  for (const std::string_view version : {"1.0", "1.1", "1.15", "01.0", "1.00"}) CHECK(is_version_1(version));
  for (const std::string_view version :
       {"", "1", "1.", ".0", "0.9", "2.0", "11.0", "1.0 ", " 1.0", "1.a", "1.-1", "1.0.0", "1,0", "1.123456789"})
    CHECK_FALSE(is_version_1(version));
}

TEST_CASE("the domain of a header is prepared, and only a domain is one") {
  CHECK(domain_of_header("Example.ORG") == "example.org");
  CHECK(domain_of_header("example.org.") == "example.org");
  CHECK(domain_of_header("").empty());
  CHECK(domain_of_header("alice@example.org").empty());
  CHECK(domain_of_header("example.org/phone").empty());
  CHECK(domain_of_header("exa mple.org").empty());
}

TEST_CASE("every problem with the XML has its stream error") {
  using enum xml::Problem;
  const auto name = [](xml::Problem problem) { return std::string{stream_error_of(problem).condition_name()}; };

  CHECK(name(not_well_formed) == "not-well-formed");
  CHECK(name(restricted_xml) == "restricted-xml");
  CHECK(name(unsupported_encoding) == "unsupported-encoding");
  CHECK(name(bad_namespace_prefix) == "bad-namespace-prefix");
  CHECK(name(text_between_stanzas) == "bad-format");
  for (const xml::Problem problem : {too_large, too_deep, too_many_attributes, too_many_namespaces, too_many_nodes})
    CHECK(name(problem) == "policy-violation");
}

TEST_CASE("a second header is refused as soon as it can be told, and nothing else is") {
  CHECK(refused_as("<stream:stream ") == "unsupported-stanza-type");
  CHECK(refused_as("<stream:stream\n") == "unsupported-stanza-type");
  CHECK(refused_as("<stream:stream").empty());
  CHECK(refused_as("<stream:streams ").empty());
  CHECK(refused_as("<stream:error ").empty());
  CHECK(refused_as("<message><stream:stream ").empty());
}
