// SPDX-License-Identifier: Apache-2.0
#include "core/access.h"

#include <algorithm>
#include <set>

namespace meerkat {
namespace {

bool lets_all_in(const AccessClause& clause) {
  const auto* const word = std::get_if<std::string>(&clause.value);
  return clause.acl == "all" && word != nullptr && *word == "allow";
}

}  // namespace

AccessTables AccessTables::with(const AccessTables& of_host_type) const {
  AccessTables merged = *this;
  for (const auto& [name, patterns] : of_host_type.acl) {
    std::vector<AclPattern>& all = merged.acl[name];
    all.insert(all.end(), patterns.begin(), patterns.end());
  }
  for (const auto& [rule, clauses] : of_host_type.access) {
    std::vector<AccessClause>& all = merged.access[rule];
    const bool open_end = !all.empty() && lets_all_in(all.back());
    all.insert(all.end() - (open_end ? 1 : 0), clauses.begin(), clauses.end());
  }
  return merged;
}

std::vector<std::string> AccessTables::unknown_classes() const {
  std::set<std::string> unknown;
  for (const auto& [rule, clauses] : access)
    for (const AccessClause& clause : clauses)
      if (clause.acl != "all" && clause.acl != "none" && !acl.contains(clause.acl)) unknown.insert(clause.acl);
  return {unknown.begin(), unknown.end()};
}

bool AccessRules::is_in(std::string_view acl, const Jid& who, std::string_view domain) const {
  if (acl == "all") return true;
  const auto found = tables_.acl.find(std::string{acl});
  if (found == tables_.acl.end()) return false;
  const bool hosted = is_hosted_ && is_hosted_(who.domain());
  return std::ranges::any_of(found->second,
                             [&](const AclPattern& pattern) { return matches(pattern, who, domain, hosted); });
}

const std::variant<std::int64_t, std::string>* AccessRules::value(std::string_view rule, const Jid& who,
                                                                  std::string_view domain) const {
  const auto found = tables_.access.find(std::string{rule});
  if (found == tables_.access.end()) return nullptr;
  for (const AccessClause& clause : found->second)
    if (is_in(clause.acl, who, domain)) return &clause.value;
  return nullptr;
}

bool AccessRules::allows(std::string_view rule, const Jid& who, std::string_view domain) const {
  if (rule == "all" || rule == "none") return rule == "all";
  const auto* const said = value(rule, who, domain);
  const auto* const word = said != nullptr ? std::get_if<std::string>(said) : nullptr;
  return word != nullptr && *word == "allow";
}

std::optional<std::int64_t> AccessRules::number(std::string_view rule, const Jid& who) const {
  const auto* const said = value(rule, who);
  const auto* const number = said != nullptr ? std::get_if<std::int64_t>(said) : nullptr;
  return number != nullptr ? std::optional{*number} : std::nullopt;
}

std::optional<std::string_view> AccessRules::word(std::string_view rule, const Jid& who) const {
  const auto* const said = value(rule, who);
  const auto* const word = said != nullptr ? std::get_if<std::string>(said) : nullptr;
  return word != nullptr ? std::optional<std::string_view>{*word} : std::nullopt;
}

config::Section<AccessClause> access_clause_section() {
  using namespace config;
  return Section<AccessClause>{"access", "Rules: the first clause whose class matches decides."}
      .option("acl", &AccessClause::acl, "Whom the clause is about: `all`, or a class of [acl].", mandatory, non_empty,
              example("\"all\""))
      .option("value", &AccessClause::value, "\"allow\", \"deny\", a number, or the name of a shaper.", mandatory,
              example("\"allow\""));
}

}  // namespace meerkat
