// SPDX-License-Identifier: Apache-2.0
// [access]: rules that say who may do what, or how much of it. The first clause that matches decides.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/section.h"
#include "xmpp/jid.h"

namespace meerkat {

struct AccessClause {
  std::string acl;
  std::variant<std::int64_t, std::string> value = "deny";
};

// By name of the rule. The classes known so far are `all` and `none`; one that nobody knows matches nobody.
struct AccessRules {
  std::map<std::string, std::vector<AccessClause>> rules;

  // Whether the rule says "allow". The rules `all` and `none` exist without being written; any other that is absent
  // denies. Any thread.
  bool allows(std::string_view rule, const Jid& who) const;
  // The number the rule gives, if the rule exists and a clause with a number matches.
  std::optional<std::int64_t> number(std::string_view rule, const Jid& who) const;

 private:
  const AccessClause* clause(std::string_view rule) const;
};

config::Section<AccessClause> access_clause_section();

}  // namespace meerkat
