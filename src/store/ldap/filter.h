// SPDX-License-Identifier: Apache-2.0
// Search filters and names of entries as text: what a stranger typed is escaped before it becomes part of one
// (RFC 4515 §3, RFC 4514 §2.4).
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meerkat::ldap {

// As the value of an assertion in a filter.
std::string escape_filter(std::string_view value);
// As the value of an attribute in a distinguished name.
std::string escape_dn(std::string_view value);

// Whether it is a filter of RFC 4515, and nothing follows it.
bool is_filter(std::string_view text);

// What stands for %u, %d, … in a pattern.
struct Blank {
  char letter;
  std::string value;
};

// The pattern with its blanks filled. Values are taken as they are. A letter that is given several times is filled in
// that order, one value each, the last one from then on; % before any other letter stays.
std::string fill(std::string_view pattern, const std::vector<Blank>& blanks);
// The same for a pattern that is a filter: values are escaped.
std::string fill_filter(std::string_view pattern, std::vector<Blank> blanks);

// What %u must be for `pattern`, filled with it and the domain, to be `value`; upper and lower case of ASCII are the
// same. Nothing when it cannot be.
std::optional<std::string> user_part(std::string_view value, std::string_view pattern, std::string_view domain);

}  // namespace meerkat::ldap
