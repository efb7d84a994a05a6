// SPDX-License-Identifier: Apache-2.0
#include "net/tls_section.h"
#include "base/test_directory.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "net/tls_test_kit.h"

using namespace meerkat;
using namespace meerkat::tls_test;
using Verify = TlsOptions::Verify;

TEST_CASE("clients are asked for a certificate where it was said how to check it") {
  CHECK_FALSE(tls_options({}).request_client_certificate);
  CHECK(tls_options({}).verify_mode == Verify::none);

  CHECK(tls_options({.cacertfile = "ca.pem"}).request_client_certificate);
  CHECK(tls_options({.cacertfile = "ca.pem"}).verify_mode == Verify::peer);

  CHECK(tls_options({.verify_mode = Verify::selfsigned_peer}).request_client_certificate);
  CHECK(tls_options({.verify_mode = Verify::selfsigned_peer}).verify_mode == Verify::selfsigned_peer);

  CHECK_FALSE(tls_options({.verify_mode = Verify::none}).request_client_certificate);
}

TEST_CASE("secrets are written where the operator wants them, and nowhere else") {
  TestDirectory place;
  const Issued shown = issue(place, "server", {.names = "DNS:example.org"});
  const std::filesystem::path file = place / "secrets";
  const auto lines = [&file] {
    std::ifstream text{file};
    return std::string{std::istreambuf_iterator<char>{text}, {}};
  };
  for (const bool wanted : {false, true}) {
    CAPTURE(wanted);
    TlsOptions options = server_of(shown);
    options.keep_secrets = wanted;
    ::setenv("SSLKEYLOGFILE", file.c_str(), 1);
    Talk talk{context(options, TlsRole::server), context(trusting_client(), TlsRole::client)};
    const bool shaken = talk.shake_hands();
    ::unsetenv("SSLKEYLOGFILE");

    REQUIRE(shaken);
    CHECK(lines().contains("SERVER_HANDSHAKE_TRAFFIC_SECRET ") == wanted);
  }
}
