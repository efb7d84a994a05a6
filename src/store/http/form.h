// SPDX-License-Identifier: Apache-2.0
// Names and values in a query or in the body of a POST: application/x-www-form-urlencoded.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace meerkat::http {

inline constexpr std::string_view form_type = "application/x-www-form-urlencoded";

// Everything but unreserved characters (RFC 3986 §2.3) as %XX: good in paths, queries and forms.
std::string percent_encoded(std::string_view text);

// "user=alice&server=example.org"
std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

}  // namespace meerkat::http
