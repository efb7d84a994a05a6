// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/rule_list.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "xml/builder.h"

namespace meerkat {
namespace {

struct SubscriptionName {
  Subscription subscription;
  std::string_view name;
};
constexpr SubscriptionName subscriptions[] = {
    {Subscription::none, "none"}, {Subscription::to, "to"}, {Subscription::from, "from"}, {Subscription::both, "both"}};

struct KindName {
  StanzaKinds kind;
  std::string_view name;
};
constexpr KindName kind_names[] = {{about::message, "message"},
                                   {about::iq, "iq"},
                                   {about::presence_in, "presence-in"},
                                   {about::presence_out, "presence-out"}};

std::unexpected<StanzaError> bad(std::string why) { return std::unexpected{StanzaError::bad_request(std::move(why))}; }

// An unsignedInt of XML Schema.
std::optional<std::uint32_t> order_of(const xml::Element& item) {
  const auto order = item.attr("order");
  if (!order) return std::nullopt;
  const std::string text = order->str();
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

// What the rule is about; nothing when it is well.
std::optional<StanzaError> read_value(const xml::Element& item, Rule& rule) {
  const auto type = item.attr("type");
  if (!type) return std::nullopt;  // §2.1: the fall-through case
  const auto written = item.attr("value");
  if (!written || written->empty()) return StanzaError::bad_request("a rule with a type has a value");
  std::string value = written->str();
  if (*type == "jid") {
    auto jid = Jid::parse(value);
    if (!jid) return StanzaError::jid_malformed();
    rule.by = RuleBy::jid;
    rule.jid = std::move(*jid);
    return std::nullopt;
  }
  if (*type == "group") {
    rule.by = RuleBy::group;
    rule.group = std::move(value);
    return std::nullopt;
  }
  const auto subscription = subscription_named(value);
  if (*type != "subscription" || !subscription)
    return StanzaError::bad_request("a rule is about a jid, a group, or a subscription of none, to, from or both");
  rule.by = RuleBy::subscription;
  rule.subscription = *subscription;
  return std::nullopt;
}

std::optional<StanzaError> read_kinds(const xml::Element& item, Rule& rule) {
  StanzaKinds named = 0;
  for (const xml::Element kind : item.children()) {
    const auto known = std::ranges::find(kind_names, kind.name(), &KindName::name);
    if (known == std::end(kind_names) || kind.namespace_id() != ns::privacy.id)
      return StanzaError::bad_request("a rule is about message, iq, presence-in, presence-out, or everything");
    named |= known->kind;
  }
  if (named != 0) rule.kinds = named;
  return std::nullopt;
}

std::expected<Rule, StanzaError> read_rule(const xml::Element& item) {
  if (!item.is("item", ns::privacy)) return bad("a list consists of items");
  Rule rule;
  const auto action = item.attr("action");
  if (!action || (*action != "allow" && *action != "deny")) return bad("the action of a rule is allow or deny");
  rule.action = *action == "allow" ? RuleAction::allow : RuleAction::deny;
  const auto order = order_of(item);
  if (!order) return bad("the order of a rule is a number that is not negative");
  rule.order = *order;
  if (auto wrong = read_value(item, rule)) return std::unexpected{std::move(*wrong)};
  if (auto wrong = read_kinds(item, rule)) return std::unexpected{std::move(*wrong)};
  return rule;
}

std::string_view type_of(const Rule& rule) {
  switch (rule.by) {
    case RuleBy::jid:
      return "jid";
    case RuleBy::group:
      return "group";
    case RuleBy::subscription:
      return "subscription";
    case RuleBy::everybody:
      break;
  }
  return {};
}

xml::Builder item_of(const Rule& rule) {
  xml::Builder item("item");
  if (rule.by != RuleBy::everybody) item.attr("type", type_of(rule)).attr("value", value_of(rule));
  item.attr("action", rule.denies() ? "deny" : "allow").attr("order", rule.order);
  if ((rule.kinds & about::everything) != 0) return item;
  for (const KindName& kind : kind_names)
    if ((rule.kinds & kind.kind) != 0) item.child(xml::Builder(kind.name));
  return item;
}

}  // namespace

std::string_view value_of(const Rule& rule) {
  switch (rule.by) {
    case RuleBy::jid:
      return rule.jid.text();
    case RuleBy::group:
      return rule.group;
    case RuleBy::subscription:
      return name_of(rule.subscription);
    case RuleBy::everybody:
      break;
  }
  return {};
}

std::size_t RuleList::bytes() const {
  std::size_t bytes = name.size();
  for (const Rule& rule : rules) bytes += value_of(rule).size();
  return bytes;
}

std::string_view name_of(Subscription subscription) {
  return std::ranges::find(subscriptions, subscription, &SubscriptionName::subscription)->name;
}

std::optional<Subscription> subscription_named(std::string_view name) {
  const auto known = std::ranges::find(subscriptions, name, &SubscriptionName::name);
  if (known == std::end(subscriptions)) return std::nullopt;
  return known->subscription;
}

std::expected<std::optional<std::string>, StanzaError> list_name(const xml::Element& element) {
  const auto name = element.attr("name");
  if (!name) return std::optional<std::string>{};
  std::string text = name->str();
  if (text.empty() || text.size() > longest_list_name) return bad("the name of a list has 1 to 250 bytes");
  return std::optional{std::move(text)};
}

std::expected<RuleList, StanzaError> read_list(const xml::Element& list) {
  auto name = list_name(list);
  if (!name) return std::unexpected{std::move(name.error())};
  if (!*name) return bad("a list has a name");
  RuleList read{.name = std::move(**name), .rules = {}};
  for (const xml::Element item : list.children()) {
    auto rule = read_rule(item);
    if (!rule) return std::unexpected{std::move(rule.error())};
    read.rules.push_back(std::move(*rule));
  }
  std::ranges::sort(read.rules, {}, &Rule::order);
  // §2.1: the order is unique among all items of the list.
  if (std::ranges::adjacent_find(read.rules, {}, &Rule::order) != read.rules.end())
    return bad("two rules have the same order");
  return read;
}

void append_list(std::string& out, const RuleList& list) {
  xml::Builder element("list");
  element.attr("name", list.name);
  for (const Rule& rule : list.rules) element.child(item_of(rule));
  element.append_to(out);
}

}  // namespace meerkat
