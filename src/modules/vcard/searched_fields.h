// SPDX-License-Identifier: Apache-2.0
// What of a vCard can be searched for (XEP-0055), with the columns of MongooseIM's table.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace meerkat {

struct SearchedField {
  std::string_view column;  // of the table vcard_search
  std::string_view var;     // in the form
  std::string_view label;
  std::string_view element, inner;  // in the vCard: N, FAMILY
};

inline constexpr std::array<SearchedField, 11> searched_fields{{
    {"fn", "fn", "Full Name", "FN", ""},
    {"family", "last", "Family Name", "N", "FAMILY"},
    {"given", "first", "Given Name", "N", "GIVEN"},
    {"middle", "middle", "Middle Name", "N", "MIDDLE"},
    {"nickname", "nick", "Nickname", "NICKNAME", ""},
    {"bday", "bday", "Birthday", "BDAY", ""},
    {"ctry", "ctry", "Country", "ADR", "CTRY"},
    {"locality", "locality", "City", "ADR", "LOCALITY"},
    {"email", "email", "Email", "EMAIL", "USERID"},
    {"orgname", "orgname", "Organization Name", "ORG", "ORGNAME"},
    {"orgunit", "orgunit", "Organization Unit", "ORG", "ORGUNIT"},
}};

// Their values in a vCard, in the order above; empty where there is none.
using SearchedValues = std::array<std::string, searched_fields.size()>;

// As it is compared: Unicode case folded (RFC 3491), or ASCII alone where that fails. The same for values and for what
// is searched for.
std::string folded(std::string_view text);

}  // namespace meerkat
