// SPDX-License-Identifier: Apache-2.0
#include "modules/amp/rules.h"

#include <algorithm>
#include <array>

#include "xml/builder.h"

namespace meerkat {
namespace {

// A message needs three or four of them.
constexpr std::size_t most_rules = 16;

constexpr std::array<std::string_view, 3> actions{"drop", "error", "notify"};
constexpr std::array<std::string_view, 2> conditions{"deliver", "match-resource"};
constexpr std::array<std::string_view, 8> values{"direct", "forward", "gateway", "none",
                                                 "stored", "any",     "exact",   "other"};

template <class Word, std::size_t count>
std::optional<Word> word_of(const std::array<std::string_view, count>& words, std::string_view text) {
  const auto found = std::ranges::find(words, text);
  if (found == words.end()) return std::nullopt;
  return static_cast<Word>(found - words.begin());
}

bool fit(AmpCondition condition, AmpValue value) {
  return (value <= AmpValue::stored) == (condition == AmpCondition::deliver);
}

std::string attribute(const xml::Element& of, std::string_view name) {
  const auto value = of.attr(name);
  return value ? value->str() : std::string{};
}

// Made anew, so that nothing comes back that the sender has put around it.
std::string element_of(std::string_view condition, std::string_view action, std::string_view value) {
  return xml::Builder("rule").attr("condition", condition).attr("action", action).attr("value", value).str();
}

// Rules that must not be accepted, by why.
struct Refused {
  std::string actions, conditions, invalid;

  std::optional<AmpMistake> mistake() const {
    if (!actions.empty()) return AmpMistake{StanzaCondition::bad_request, "400", "unsupported-actions", actions};
    if (!conditions.empty())
      return AmpMistake{StanzaCondition::bad_request, "400", "unsupported-conditions", conditions};
    if (!invalid.empty()) return AmpMistake{StanzaCondition::not_acceptable, "405", "invalid-rules", invalid};
    return std::nullopt;
  }
};

void read_rule(const xml::Element& rule, bool per_hop, std::vector<AmpRule>& into, Refused& refused) {
  const std::string condition = attribute(rule, "condition"), action = attribute(rule, "action"),
                    value = attribute(rule, "value");
  std::string element = element_of(condition, action, value);
  const auto known_condition = word_of<AmpCondition>(conditions, condition);
  const auto known_action = word_of<AmpAction>(actions, action);
  const auto known_value = word_of<AmpValue>(values, value);
  const bool is_complete = !condition.empty() && !action.empty() && !value.empty();
  if (is_complete && !known_action) {
    refused.actions += element;
  } else if (is_complete && !known_condition) {
    refused.conditions += element;
  } else if (!is_complete || !known_value || !fit(*known_condition, *known_value) || into.size() == most_rules) {
    refused.invalid += element;
  } else if (!per_hop || *known_condition != AmpCondition::match_resource) {
    into.push_back({*known_condition, *known_action, *known_value, std::move(element)});
  }
}

std::string id_of(const Stanza& message) {
  std::string id = message.id();
  return id.empty() ? "original-id-missing" : id;
}

xml::Builder amp(const Stanza& message, std::string_view status, std::string_view rules) {
  xml::Builder element{"amp", ns::amp};
  if (!status.empty()) element.attr("status", status);
  return element.attr("from", message.from.text()).attr("to", message.to.text()).raw(rules);
}

Stanza answer(const Stanza& message, const Jid& server, StanzaType type, const std::string& content) {
  return make_stanza(StanzaKind::message, type, server, message.from, id_of(message), content);
}

std::string error_element(std::string_view code, std::string_view condition, const xml::Builder& named) {
  return xml::Builder("error")
      .attr("code", code)
      .attr("type", "modify")
      .child(xml::Builder(condition, ns::stanza_errors))
      .child(named)
      .str();
}

}  // namespace

bool AmpFate::meets(const AmpRule& rule) const {
  const bool goes_anywhere = delivery != AmpValue::none;
  switch (rule.value) {
    case AmpValue::any:
      return delivery == AmpValue::direct;
    case AmpValue::exact:
      // §3.3.3: what is for the account itself reaches exactly that when it is
      // kept for it.
      return to_full_address ? is_exact : delivery == AmpValue::stored;
    case AmpValue::other:
      return to_full_address ? goes_anywhere && !is_exact : delivery == AmpValue::direct;
    default:
      return rule.value == delivery;
  }
}

const AmpRule* AmpRequest::first_met(const AmpFate& fate) const {
  const auto met = std::ranges::find_if(rules, [&](const AmpRule& rule) { return fate.meets(rule); });
  return met == rules.end() ? nullptr : &*met;
}

std::optional<xml::Element> amp_request_in(const Stanza& message) {
  if (message.kind != StanzaKind::message || message.type == StanzaType::error || message.type == StanzaType::groupchat)
    return std::nullopt;
  const auto amp = message.element().child("amp", ns::amp);
  if (!amp || amp->attr("status") || message.element().child("error")) return std::nullopt;
  return amp;
}

AmpRequest read_amp_request(const xml::Element& amp) {
  AmpRequest request;
  Refused refused;
  const auto per_hop = amp.attr("per-hop");
  for (const xml::Element rule : amp.children())
    if (rule.is("rule", ns::amp))
      read_rule(rule, per_hop && (*per_hop == "true" || *per_hop == "1"), request.rules, refused);
  request.mistake = refused.mistake();
  return request;
}

Stanza amp_notification(const Stanza& message, const Jid& server, const AmpRule& rule) {
  return answer(message, server, StanzaType::normal, amp(message, "notify", rule.element).str());
}

Stanza amp_failure(const Stanza& message, const Jid& server, const AmpRule& rule) {
  return answer(
      message, server, StanzaType::error,
      amp(message, "error", rule.element).str() +
          error_element("500", "undefined-condition", xml::Builder("failed-rules", ns::amp_errors).raw(rule.element)));
}

Stanza amp_refusal(const Stanza& message, const Jid& server, const AmpMistake& mistake) {
  return answer(
      message, server, StanzaType::error,
      amp(message, {}, mistake.rules).str() + error_element(mistake.code, condition_name(mistake.condition),
                                                            xml::Builder(mistake.named, ns::amp).raw(mistake.rules)));
}

AmpMistake not_for_strangers(const std::vector<AmpRule>& rules) {
  AmpMistake mistake{StanzaCondition::not_acceptable, "405", "invalid-rules", {}};
  for (const AmpRule& rule : rules)
    if (rule.tells()) mistake.rules += rule.element;
  return mistake;
}

}  // namespace meerkat
