// SPDX-License-Identifier: Apache-2.0
// vCards that are made of the entries of an LDAP directory (the backend `ldap`): read and searched, never written.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "config/units.h"
#include "modules/vcard/vcard_store.h"
#include "store/ldap/directory.h"
#include "store/ldap/people.h"

namespace meerkat {

// One field of a vCard, from an attribute of the entry.
struct VcardMapping {
  std::string vcard_field;
  std::string ldap_pattern = "%s";
  std::optional<std::string> ldap_field;
};

// One field of the form, and the attribute that is searched for it.
struct VcardSearchMapping {
  std::string search_field;
  std::string ldap_field;
};

struct LdapCardsOptions {
  enum class Operator : std::uint8_t { with_and, with_or };

  ldap::PeopleOptions people;
  std::vector<VcardMapping> vcard_map;
  std::vector<VcardSearchMapping> search_fields;
  Operator search_operator = Operator::with_and;
};

config::Section<LdapCardsOptions> ldap_cards_section();

// `directory` and `options` outlive the store. `save` and `remove` change nothing. What would make a vCard larger than
// `largest` is left out of it: the photo before everything else.
std::unique_ptr<VcardStore> make_ldap_cards(ldap::Directory& directory, const LdapCardsOptions& options,
                                            config::Bytes largest);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::LdapCardsOptions::Operator> {
  using enum meerkat::LdapCardsOptions::Operator;
  static constexpr EnumName names[] = {{with_and, "and"}, {with_or, "or"}};
};
