// SPDX-License-Identifier: Apache-2.0
// A privacy list as its owner wrote it (XEP-0016 §2.1): values, and how they stand in XML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/roster/roster_events.h"
#include "xml/element.h"
#include "xmpp/jid.h"
#include "xmpp/stanza_error.h"

namespace meerkat {

enum class RuleBy : std::uint8_t { everybody, jid, group, subscription };
// `block` is `deny` as the blocking command writes it into tables; in XML there is no difference.
enum class RuleAction : std::uint8_t { allow, deny, block };

// Which stanzas a rule is about.
using StanzaKinds = std::uint8_t;
namespace about {
inline constexpr StanzaKinds message = 1;       // that come in
inline constexpr StanzaKinds iq = 2;            // that come in
inline constexpr StanzaKinds presence_in = 4;   // notifications: available and unavailable
inline constexpr StanzaKinds presence_out = 8;  // the same
inline constexpr StanzaKinds everything = 16;   // both ways, subscriptions as well
}  // namespace about

struct Rule {
  RuleBy by = RuleBy::everybody;
  Jid jid;                                         // by jid
  std::string group;                               // by group
  Subscription subscription = Subscription::none;  // by subscription
  RuleAction action = RuleAction::allow;
  std::uint32_t order = 0;
  StanzaKinds kinds = about::everything;

  bool denies() const { return action != RuleAction::allow; }
  // XEP-0191 §5: what a block list shows of a privacy list.
  bool blocks_address() const { return by == RuleBy::jid && denies() && (kinds & about::everything) != 0; }
};

// Its address, group or subscription, as it is written; empty for everybody. Lives as long as the rule.
std::string_view value_of(const Rule& rule);

struct RuleList {
  std::string name;
  std::vector<Rule> rules;  // in ascending order

  // Of the addresses and groups in it.
  std::size_t bytes() const;
};

// Of a list's name.
inline constexpr std::size_t longest_list_name = 250;

std::string_view name_of(Subscription subscription);
std::optional<Subscription> subscription_named(std::string_view name);

// What the `name` of <list/>, <active/> or <default/> says: nothing when it is missing, refused when it cannot be one.
std::expected<std::optional<std::string>, StanzaError> list_name(const xml::Element& element);

// From <list name='…'><item …/></list>; without items it is the wish to remove it.
std::expected<RuleList, StanzaError> read_list(const xml::Element& list);

void append_list(std::string& out, const RuleList& list);

}  // namespace meerkat
