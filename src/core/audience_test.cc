// SPDX-License-Identifier: Apache-2.0
#include "core/audience.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

Jid person(int number) { return *Jid::make("person" + std::to_string(number), "localhost"); }

Audience people(int count) {
  std::vector<AccountKey> keys;
  for (int i = 0; i < count; ++i) keys.push_back(key_of(person(i)));
  return Audience{keys};
}

}  // namespace

TEST_CASE("an audience includes whom it was made of, and nobody else") {
  const Audience audience = people(100);

  for (int i = 0; i < 100; ++i) CHECK(audience.includes(key_of(person(i))));
  for (int i = 100; i < 1000; ++i) CHECK(!audience.includes(key_of(person(i))));
}

TEST_CASE("an audience of nobody is known, one that was never asked for is not") {
  CHECK(people(0).known());
  CHECK(people(0).size() == 0);
  CHECK(!Audience{}.known());
  CHECK(!Audience{}.includes(key_of(person(1))));
}

TEST_CASE("an audience has each account once, in order") {
  std::vector<AccountKey> keys;
  for (const int number : {3, 1, 2, 1, 3}) keys.push_back(key_of(person(number)));
  const Audience audience{keys};

  CHECK(audience.size() == 3);
  CHECK(std::ranges::is_sorted(audience.keys()));
}

TEST_CASE("accounts join and leave an audience") {
  Audience audience = people(3);

  audience.add(key_of(person(7)));
  audience.add(key_of(person(7)));
  audience.remove(key_of(person(1)));
  audience.remove(key_of(person(1)));

  CHECK(audience.size() == 3);
  CHECK(audience.includes(key_of(person(7))));
  CHECK(!audience.includes(key_of(person(1))));
  CHECK(audience.includes(key_of(person(2))));
}

TEST_CASE("the key of an account leads to the home of its address") {
  TestServer server{7};
  for (int i = 0; i < 1000; ++i)
    CHECK(&server.halls[0]->at_home_of(key_of(person(i))) == &server.halls[0]->at_home_of(person(i)));
}

TEST_CASE("an account is found by its key while one of its sessions lives") {
  TestServer server;
  std::vector<TestClient*> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(&server.login("person" + std::to_string(i)));

  for (TestClient* client : clients) {
    const Jid bare = client->session->account->bare;
    SessionTable& sessions = server.home_of(bare).sessions;
    CHECK(sessions.find(key_of(bare)) == client->session->account);
    client->disconnects();
    CHECK(sessions.find(key_of(bare)) == nullptr);
  }
}

TEST_CASE("what an account may cause is counted by the second") {
  Audience audience = people(1);

  CHECK(!audience.has_enough(20'000, 1));
  CHECK(audience.has_enough(1, 1));
  CHECK(!audience.has_enough(20'000, 2));
  CHECK(audience.has_enough(std::size_t{1} << 40, 2));
}
