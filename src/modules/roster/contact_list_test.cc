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

TEST_CASE("a list with a changed contact, or without one, is as if it had been made that way") {
  const auto contact = [](std::string_view address, std::string_view called) {
    return Contact{.jid = *Jid::parse(address), .name = std::string{called}, .groups = {"g" + std::string{called}}};
  };
  const auto all_of = [](const ContactList& list) {
    std::vector<Contact> all;
    for (const auto& entry : list) all.push_back(list.contact(entry));
    return all;
  };
  const std::vector<Contact> some{contact("b@x", "Bob"), contact("d@x", "Dora"), contact("f@x", "Fritz")};
  const ContactList list{some};

  for (const std::string_view changed : {"a@x", "b@x", "c@x", "d@x", "f@x", "g@x"}) {
    std::vector<Contact> others = some;
    std::erase_if(others, [&](const Contact& each) { return each.jid.text() == changed; });
    const ContactList without{others};
    CHECK(all_of(list.without(*Jid::parse(changed))) == all_of(without));
    CHECK(list.without(*Jid::parse(changed)).footprint() == without.footprint());

    others.push_back(contact(changed, "Somebody with another name"));
    const ContactList with{others};
    CHECK(all_of(list.with(others.back())) == all_of(with));
    CHECK(list.with(others.back()).footprint() == with.footprint());
  }
}
