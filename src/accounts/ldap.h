// SPDX-License-Identifier: Apache-2.0
// Accounts in an LDAP directory (RFC 4511): it is searched for who there is, and a password is right when the directory
// lets somebody log in with it. Nothing is changed there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "core/accounts.h"
#include "store/ldap/directory.h"
#include "store/ldap/people.h"

namespace meerkat {

// One more search, which must find something for whom the first one has found.
struct LdapDnFilter {
  std::string filter;
  std::vector<std::string> attributes;
};

// What the entry itself must or must not have.
struct LdapLocalFilter {
  enum class Operation : std::uint8_t { equal, notequal };
  Operation operation = Operation::equal;
  std::string attribute;
  std::vector<std::string> values;
};

struct LdapAccountOptions {
  ldap::PeopleOptions people;
  std::string bind_pool_tag = "bind";
  std::optional<LdapDnFilter> dn_filter;
  std::optional<LdapLocalFilter> local_filter;
};

config::Section<LdapAccountOptions> ldap_accounts_section();

// Passwords are tried in `passwords`, everything else is asked of `people`; both outlive the accounts. Any worker.
std::unique_ptr<Accounts> make_ldap_accounts(ldap::Directory& people, ldap::Directory& passwords,
                                             LdapAccountOptions options);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::LdapLocalFilter::Operation> {
  using enum meerkat::LdapLocalFilter::Operation;
  static constexpr EnumName names[] = {{equal, "equal"}, {notequal, "notequal"}};
};
