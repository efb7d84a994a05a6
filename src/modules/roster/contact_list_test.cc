// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/contact_list.h"

#include <doctest/doctest.h>

using namespace meerkat;

TEST_CASE("a list of contacts gives back what was put into it") {
  const Contact bob{.jid = *Jid::parse("bob@localhost"),
                    .name = "Bob",
                    .subscription = Subscription::both,
                    .groups = {"Friends", std::string(300, 'x')}};
  const Contact anna{.jid = *Jid::parse("anna@localhost"),
                     .name = "",
                     .subscription = Subscription::from,
                     .asked_out = true,
                     .approved = true,
                     .groups = {}};
  const Contact carl{.jid = *Jid::parse("carl@localhost"), .asked_in = true, .listed = false};

  const ContactList list{{bob, anna, carl}};

  REQUIRE(list.size() == 3);
  CHECK(list.begin()->jid == anna.jid);
  for (const Contact& each : {bob, anna, carl}) {
    const auto* const found = list.find(each.jid);
    REQUIRE(found != nullptr);
    CHECK(list.contact(*found) == each);
  }
}

TEST_CASE("who is no contact is not found") {
  const ContactList list{{Contact{.jid = *Jid::parse("bob@localhost")}}};

  CHECK(list.find(*Jid::parse("bob@localhost/phone")) == nullptr);
  CHECK(list.find(*Jid::parse("zoe@localhost")) == nullptr);
  CHECK(ContactList{}.find(*Jid::parse("bob@localhost")) == nullptr);
}

TEST_CASE("a roster of 2000 entries takes less than 300 KB") {
  std::vector<Contact> many;
  for (int i = 0; i < 2000; ++i)
    many.push_back({.jid = *Jid::parse("somebody" + std::to_string(i) + "@chat.example.net"),
                    .name = "Some Body " + std::to_string(i),
                    .groups = {"Friends", "Colleagues"}});

  const ContactList list{std::move(many)};

  CHECK(list.footprint() < 300'000);
}
