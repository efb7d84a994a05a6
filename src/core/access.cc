// SPDX-License-Identifier: Apache-2.0
#include "core/access.h"

namespace meerkat {

const AccessClause* AccessRules::clause(std::string_view rule) const {
  const auto found = rules.find(std::string{rule});
  if (found == rules.end()) return nullptr;
  for (const AccessClause& clause : found->second)
    if (clause.acl == "all") return &clause;
  return nullptr;
}

bool AccessRules::allows(std::string_view rule, const Jid&) const {
  if (rule == "all" || rule == "none") return rule == "all";
  const AccessClause* const decides = clause(rule);
  const auto* const word = decides != nullptr ? std::get_if<std::string>(&decides->value) : nullptr;
  return word != nullptr && *word == "allow";
}

std::optional<std::int64_t> AccessRules::number(std::string_view rule, const Jid&) const {
  const AccessClause* const decides = clause(rule);
  const auto* const number = decides != nullptr ? std::get_if<std::int64_t>(&decides->value) : nullptr;
  return number != nullptr ? std::optional{*number} : std::nullopt;
}

config::Section<AccessClause> access_clause_section() {
  using namespace config;
  return Section<AccessClause>{"access", "Rules: the first clause whose class matches decides."}
      .option("acl", &AccessClause::acl, "Whom the clause is about: `all` or `none`; other classes are not read yet.",
              mandatory, one_of("all", "none"))
      .option("value", &AccessClause::value, "\"allow\", \"deny\", or a number.", mandatory, example("\"allow\""));
}

}  // namespace meerkat
