// SPDX-License-Identifier: Apache-2.0
// XEP-0198: the reader's connection is lost, and it may come back.
#include "modules/offline/test_house.h"

namespace meerkat {
namespace {

using namespace offline_test;
using namespace std::chrono_literals;

// Bob has been sent some of sixty messages when his connection is lost; meanwhile five more come.
struct Away : House {
  TestClient* bob = nullptr;
  std::uint32_t handled = 0;  // by his client, when it comes back: what it was sent before

  Away() {
    writes(1, 60);
    database_answers();
    bob = &server.login("bob");
    bob->enables_management();
    server.database.is_slow = true;
    bob->says("<presence/>");
    handled = bob->session->management->sent_count();
    std::size_t sent = 0;
    while (sent == 0) {
      server.database.answer();
      server.turn();
      sent = bodies(bob->heard()).size();
    }
    REQUIRE(sent < 60);
    bob->loses_connection();
    server.database.is_slow = false;
    database_answers();
    writes(61, 65);
    database_answers();
  }
};

}  // namespace

TEST_CASE("what comes while the reader is away stays behind what it has not been sent") {
  Away house;
  CHECK(house.rows() == 65);
  house.bob->resumes(house.handled);
  house.database_answers();
  CHECK(bodies(house.bob->heard()) == numbers(65));
}

TEST_CASE("when the reader does not come back, the next one gets everything, once and in order") {
  Away house;
  house.server.passes(601s);
  house.database_answers();
  TestClient& desk = house.server.login("bob", "desk");
  desk.says("<presence/>");
  house.database_answers();
  CHECK(bodies(desk.heard()) == numbers(65));
}

}  // namespace meerkat
