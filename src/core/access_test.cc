// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/access.h"

using namespace meerkat;

TEST_CASE("the first clause that matches decides, and what no rule allows is denied") {
  const Jid alice = *Jid::parse("alice@localhost");
  const AccessRules access{{{"register", {{"none", "deny"}, {"all", "allow"}, {"all", "deny"}}}, {"c2s", {}}}};

  CHECK(access.allows("register", alice));
  CHECK(!access.allows("c2s", alice));
  CHECK(!access.allows("unheard_of", alice));
  CHECK(access.allows("all", alice));
  CHECK(!access.allows("none", alice));
}

TEST_CASE("a rule can give a number") {
  const Jid alice = *Jid::parse("alice@localhost");
  const AccessRules access{{{"max_user_sessions", {{"all", 10}}}, {"words", {{"all", "allow"}}}}};

  CHECK(access.number("max_user_sessions", alice) == 10);
  CHECK(!access.number("words", alice));
  CHECK(!access.number("unheard_of", alice));
}
