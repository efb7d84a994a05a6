// SPDX-License-Identifier: Apache-2.0
// Accounts that the operator has banned: nobody logs in, and nobody but the owner learns why. And those that end while
// somebody logs in.
#include <doctest/doctest.h>

#include "core/arrivals.h"
#include "streams/test_streams.h"

using namespace meerkat;

namespace {

struct Fixture {
  Fixture() {
    server.add_account("alice");
    client.says(stream_header);
    client.heard();
  }
  void ban() { server.accounts.memory.bans["alice@localhost"] = "spam"; }

  StreamServer server;
  StreamClient client{server};
};

}  // namespace

TEST_CASE("a banned account is refused as disabled, and may log in again when it is unbanned") {
  Fixture f;
  f.ban();

  f.client.says(plain_auth("alice"));

  CHECK(f.client.heard() == "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><account-disabled/></failure>");
  f.server.accounts.memory.bans.clear();
  f.client.says(plain_auth("alice") + std::string{stream_header} + bind_request());
  CHECK(f.client.hears("<jid>alice@localhost/phone</jid>"));
}

TEST_CASE("who guesses wrongly does not learn that the account is banned") {
  Fixture f;
  f.ban();

  f.client.says(plain_auth("alice", "wrong"));

  CHECK(f.client.heard() == "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
}

TEST_CASE("an account that is banned while it logs in is not bound") {
  Fixture f;
  f.client.says(plain_auth("alice"));
  CHECK(f.client.hears("<success"));
  f.ban();

  f.client.says(std::string{stream_header} + bind_request());

  CHECK(f.client.hears("<not-authorized "));
  CHECK(f.client.is_at_end());
  CHECK(f.server.sessions() == 0);
}

TEST_CASE("who has proven to be the last owner of a name gets no session of the next one's") {
  Fixture f;
  f.client.says(plain_auth("alice"));
  CHECK(f.client.hears("<success"));
  Hall& hall = *f.server.halls.front();
  Arrivals::of(*hall.host_of("localhost")).turn_away(*Jid::parse("alice@localhost"));  // and there is one again

  f.client.says(std::string{stream_header} + bind_request());

  CHECK(f.client.hears("<not-authorized "));
  CHECK(f.server.sessions() == 0);

  StreamClient next{f.server};
  next.says(stream_header);
  next.says(plain_auth("alice") + std::string{stream_header} + bind_request());
  CHECK(next.hears("<jid>alice@localhost/phone</jid>"));
}
