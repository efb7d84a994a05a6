// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/people.h"

#include "store/ldap/filter.h"
#include "xmpp/jid.h"

namespace meerkat::ldap {
namespace {

// (uid=alice), or one of several; together with what the operator asks for. `user` is escaped, or an asterisk.
std::string whole_filter(const PeopleOptions& options, std::string_view user, std::string_view domain) {
  const std::vector<Blank> blanks{{'u', std::string{user}}, {'d', escape_filter(domain)}};
  std::string any;
  for (const Uid& uid : options.uids) any += "(" + uid.attr + "=" + fill(uid.format, blanks) + ")";
  if (options.uids.size() > 1) any = "(|" + any + ")";
  return options.filter ? "(&" + any + fill(*options.filter, blanks) + ")" : any;
}

bool has_user(std::string_view format) { return format.contains("%u"); }
bool is_attribute(std::string_view name) { return is_filter("(" + std::string{name} + "=*)"); }

}  // namespace

std::string PeopleOptions::filter_of(std::string_view user, std::string_view domain) const {
  return whole_filter(*this, escape_filter(user), domain);
}

std::string PeopleOptions::filter_of_pattern(std::string_view pattern, std::string_view domain) const {
  return whole_filter(*this, pattern, domain);
}

std::optional<std::string> PeopleOptions::user_of(const Entry& entry, std::string_view domain) const {
  for (const Uid& uid : uids) {
    const std::vector<std::string>* const values = entry.values(uid.attr);
    if (values == nullptr) continue;
    for (const std::string& value : *values)
      if (auto user = user_part(value, uid.format, domain)) return user;
  }
  return std::nullopt;
}

bool PeopleOptions::is_user(const Entry& entry, std::string_view node, std::string_view domain) const {
  for (const Uid& uid : uids) {
    const std::vector<std::string>* const values = entry.values(uid.attr);
    if (values == nullptr) continue;
    for (const std::string& value : *values) {
      const auto user = user_part(value, uid.format, domain);
      if (!user) continue;
      const auto address = Jid::make(*user, domain);
      if (address && address->node() == node) return true;
    }
  }
  return false;
}

std::vector<std::string> PeopleOptions::attributes() const {
  std::vector<std::string> names;
  names.reserve(uids.size());
  for (const Uid& uid : uids) names.push_back(uid.attr);
  return names;
}

config::Section<PeopleOptions> people_section() {
  using namespace config;
  using O = PeopleOptions;
  const auto uid = Section<Uid>{"uids", "An attribute that names a user."}
                       .option("attr", &Uid::attr, "The attribute.", must_be("the name of an attribute", is_attribute),
                               needs_restart)
                       .option("format", &Uid::format, "What its value looks like; %u is the user, %d the domain.",
                               must_be("a text with %u in it", has_user), needs_restart, example("\"%u@%d\""));
  return Section<O>{"ldap", "How users are found in a directory."}
      .option("pool_tag", &O::pool_tag, "The pool of [outgoing_pools.ldap] that searches.", non_empty, needs_restart)
      .option("base", &O::base, "The entry below which all users are.", mandatory, non_empty, needs_restart,
              example("\"ou=people,dc=example,dc=org\""))
      .list("uids", &O::uids, uid, non_empty, needs_restart)
      .option("filter", &O::filter, "What an entry must be besides; %u is the user, %d the domain.",
              must_be("a search filter, such as \"(objectClass=person)\"", is_filter), needs_restart,
              example("\"(objectClass=inetOrgPerson)\""))
      .option("deref", &O::deref, "When entries that only name another one are followed.", needs_restart);
}

}  // namespace meerkat::ldap
