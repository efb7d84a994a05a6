// SPDX-License-Identifier: Apache-2.0
// How the users of a domain are found in a directory: options that accounts and vCards have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "store/ldap/directory.h"

namespace meerkat::ldap {

// An attribute that names a user, and what it looks like.
struct Uid {
  std::string attr = "uid";
  std::string format = "%u";
};

struct PeopleOptions {
  std::string pool_tag = "default";
  std::string base;
  std::vector<Uid> uids{Uid{}};
  std::optional<std::string> filter;
  Deref deref = Deref::never;

  // Finds one user, or all of the domain.
  std::string filter_of(std::string_view user, std::string_view domain) const;
  std::string filter_of_all(std::string_view domain) const { return filter_of_pattern("*", domain); }
  // Those whose name fits: escaped, with asterisks for anything.
  std::string filter_of_pattern(std::string_view pattern, std::string_view domain) const;
  // What the entry calls its user, as it is written there; nothing when it is none of this domain.
  std::optional<std::string> user_of(const Entry& entry, std::string_view domain) const;
  // Whether one of its names is this node of an address (prepared).
  bool is_user(const Entry& entry, std::string_view node, std::string_view domain) const;
  // The attributes that these need.
  std::vector<std::string> attributes() const;
};

// For `include`.
config::Section<PeopleOptions> people_section();

}  // namespace meerkat::ldap

template <>
struct meerkat::config::EnumNames<meerkat::ldap::Deref> {
  using enum meerkat::ldap::Deref;
  static constexpr EnumName names[] = {
      {never, "never"}, {always, "always"}, {finding, "finding"}, {searching, "searching"}};
};
