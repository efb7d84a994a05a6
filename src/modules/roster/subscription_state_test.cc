// SPDX-License-Identifier: Apache-2.0
// RFC 6121 appendix A, row by row.
#include "modules/roster/subscription_state.h"

#include <doctest/doctest.h>

#include <array>
#include <ostream>

namespace meerkat {
namespace {

// The nine states, as appendix A.1 names them.
constexpr SubscriptionState none{};
constexpr SubscriptionState none_out{.asked_out = true};
constexpr SubscriptionState none_in{.asked_in = true};
constexpr SubscriptionState none_out_in{.asked_out = true, .asked_in = true};
constexpr SubscriptionState to{.subscription = Subscription::to};
constexpr SubscriptionState to_in{.subscription = Subscription::to, .asked_in = true};
constexpr SubscriptionState from{.subscription = Subscription::from};
constexpr SubscriptionState from_out{.subscription = Subscription::from, .asked_out = true};
constexpr SubscriptionState both{.subscription = Subscription::both};

constexpr bool must = true;
constexpr bool must_not = false;

struct Row {
  SubscriptionState before;
  bool goes_on;
  SubscriptionState after;
};
using Table = std::array<Row, 9>;
using Way = SubscriptionStep (*)(StanzaType, const SubscriptionState&);

void holds(const Table& table, Way way, StanzaType type) {
  int number = 0;
  for (const Row& row : table) {
    CAPTURE(++number);

    const SubscriptionStep step = way(type, row.before);

    CHECK(step.goes_on == row.goes_on);
    CHECK((step.after == row.after));
  }
}

// A.2.4 and A.3.2: it is the same whichever of the two wants it.
constexpr Table contact_sees_no_longer{{{none, must_not, none},
                                        {none_out, must_not, none_out},
                                        {none_in, must, none},
                                        {none_out_in, must, none_out},
                                        {to, must_not, to},
                                        {to_in, must, to},
                                        {from, must, none},
                                        {from_out, must, none_out},
                                        {both, must, to}}};

SubscriptionState approved(SubscriptionState state) {
  state.approved = true;
  return state;
}

}  // namespace

TEST_CASE("A.2.1: the account asks to see the contact") {
  holds({{{none, must, none_out},
          {none_out, must, none_out},
          {none_in, must, none_out_in},
          {none_out_in, must, none_out_in},
          {to, must, to},
          {to_in, must, to_in},
          {from, must, from_out},
          {from_out, must, from_out},
          {both, must, both}}},
        step_outwards, StanzaType::subscribe);
}

TEST_CASE("A.2.2: the account no longer wants to see the contact") {
  holds({{{none, must, none},
          {none_out, must, none},
          {none_in, must, none_in},
          {none_out_in, must, none_in},
          {to, must, none},
          {to_in, must, none_in},
          {from, must, from},
          {from_out, must, from},
          {both, must, from}}},
        step_outwards, StanzaType::unsubscribe);
}

TEST_CASE("A.2.3, §3.4.2: the account lets the contact see it, now or when it asks") {
  holds({{{none, must_not, approved(none)},
          {none_out, must_not, approved(none_out)},
          {none_in, must, from},
          {none_out_in, must, from_out},
          {to, must_not, approved(to)},
          {to_in, must, both},
          {from, must_not, from},
          {from_out, must_not, from_out},
          {both, must_not, both}}},
        step_outwards, StanzaType::subscribed);
}

TEST_CASE("A.2.4: the account no longer lets the contact see it, or never did") {
  holds(contact_sees_no_longer, step_outwards, StanzaType::unsubscribed);
}

TEST_CASE("A.3.1: the contact asks to see the account") {
  holds({{{none, must, none_in},
          {none_out, must, none_out_in},
          {none_in, must_not, none_in},
          {none_out_in, must_not, none_out_in},
          {to, must, to_in},
          {to_in, must_not, to_in},
          {from, must_not, from},
          {from_out, must_not, from_out},
          {both, must_not, both}}},
        step_inwards, StanzaType::subscribe);
}

TEST_CASE("A.3.2: the contact no longer wants to see the account") {
  holds(contact_sees_no_longer, step_inwards, StanzaType::unsubscribe);
}

TEST_CASE("A.3.3: the contact lets the account see it") {
  holds({{{none, must_not, none},
          {none_out, must, to},
          {none_in, must_not, none_in},
          {none_out_in, must, to_in},
          {to, must_not, to},
          {to_in, must_not, to_in},
          {from, must_not, from},
          {from_out, must, both},
          {both, must_not, both}}},
        step_inwards, StanzaType::subscribed);
}

TEST_CASE("A.3.4: the contact no longer lets the account see it, or never did") {
  holds({{{none, must_not, none},
          {none_out, must, none},
          {none_in, must_not, none_in},
          {none_out_in, must, none_in},
          {to, must, none},
          {to_in, must, none_in},
          {from, must_not, from},
          {from_out, must, from},
          {both, must, from}}},
        step_inwards, StanzaType::unsubscribed);
}

TEST_CASE("§3.1.3: who has a subscription already is granted it again, and nobody is asked") {
  for (const SubscriptionState& state : {from, from_out, both})
    CHECK(step_inwards(StanzaType::subscribe, state).is_granted);
  for (const SubscriptionState& state : {none, none_out, none_in, none_out_in, to, to_in})
    CHECK(!step_inwards(StanzaType::subscribe, state).is_granted);
}

TEST_CASE("§3.4.2: who was approved ahead is granted the subscription, and nobody is asked") {
  for (const auto& [before, after] : {std::pair{none, from}, {none_out, from_out}, {to, both}}) {
    const SubscriptionStep step = step_inwards(StanzaType::subscribe, approved(before));

    CHECK(step.is_granted);
    CHECK(!step.goes_on);
    CHECK((step.after == approved(after)));
  }
}

TEST_CASE("§3.2.2: an approval that nobody has used is taken back without a word to the contact") {
  for (const SubscriptionState& state : {none, none_out, to}) {
    const SubscriptionStep step = step_outwards(StanzaType::unsubscribed, approved(state));

    CHECK(!step.goes_on);
    CHECK((step.after == state));
  }
}

TEST_CASE("a subscription that ends takes its approval along") {
  CHECK((step_outwards(StanzaType::unsubscribed, approved(both)).after == to));
  CHECK((step_outwards(StanzaType::unsubscribed, approved(from)).after == none));
}

}  // namespace meerkat
