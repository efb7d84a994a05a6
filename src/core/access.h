// SPDX-License-Identifier: Apache-2.0
// [access]: rules that say who may do what, or how much of it. The first clause whose class matches decides.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/section.h"
#include "core/acl.h"
#include "xmpp/jid.h"

namespace meerkat {

struct AccessClause {
  std::string acl;
  // A number, or a word: "allow", "deny", the name of a shaper.
  std::variant<std::int64_t, std::string> value = "deny";
};

// By name of the rule.
using AccessClauses = std::map<std::string, std::vector<AccessClause>>;

// What the configuration says about access, of the whole server or of a host type.
struct AccessTables {
  AclClasses acl;
  AccessClauses access;

  // Of a host type: its classes are added, its clauses come before a last {acl = "all", value = "allow"}, which would
  // hide them, or else at the end.
  AccessTables with(const AccessTables& of_host_type) const;
  // Names of classes that clauses name and nobody has described; `all` and `none` need no description.
  std::vector<std::string> unknown_classes() const;
};

// Immutable, so that any thread may ask; who keeps it holds a shared_ptr<const AccessRules>, which a new configuration
// replaces (HostType::access).
class AccessRules {
 public:
  // Whether a domain is served by this server.
  using IsHosted = std::function<bool(std::string_view domain)>;

  AccessRules() = default;
  explicit AccessRules(AccessTables tables, IsHosted is_hosted = {})
      : tables_(std::move(tables)), is_hosted_(std::move(is_hosted)) {}

  // What the rule says to this user, for the domain he belongs to or for the one of the service that asks; null when
  // there is no such rule or no clause matches, which means "deny".
  const std::variant<std::int64_t, std::string>* value(std::string_view rule, const Jid& who) const {
    return value(rule, who, who.domain());
  }
  const std::variant<std::int64_t, std::string>* value(std::string_view rule, const Jid& who,
                                                       std::string_view domain) const;

  // Whether the rule says "allow". The rules `all` and `none` exist without being written.
  bool allows(std::string_view rule, const Jid& who) const { return allows(rule, who, who.domain()); }
  bool allows(std::string_view rule, const Jid& who, std::string_view domain) const;
  // The number or the word that the rule says, if it says one.
  std::optional<std::int64_t> number(std::string_view rule, const Jid& who) const;
  std::optional<std::string_view> word(std::string_view rule, const Jid& who) const;

  bool has(std::string_view rule) const { return tables_.access.contains(std::string{rule}); }

 private:
  bool is_in(std::string_view acl, const Jid& who, std::string_view domain) const;

  AccessTables tables_;
  IsHosted is_hosted_;
};

config::Section<AccessClause> access_clause_section();

}  // namespace meerkat
