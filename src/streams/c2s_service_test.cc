// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "streams/test_streams.h"

using namespace meerkat;

TEST_CASE("a service that ends while somebody negotiates leaves nothing behind") {
  Gate never;
  StreamServer server{1};
  server.add_account("alice");
  server.accounts.gate = &never;
  StreamClient waits_for_accounts{server}, waits_for_bytes{server};
  waits_for_accounts.says(std::string{stream_header} + plain_auth("alice"));
  waits_for_bytes.says(stream_header);
  CHECK(server.streams() == 2);

  // What is left behind is found by AddressSanitizer.
  server.services.clear();

  CHECK(server.streams() == 0);
}
