// SPDX-License-Identifier: Apache-2.0
// All that can be asked for below the page's address, and by whom. What is not in this table is there for nobody.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace meerkat::admin {

enum class PageAccess : std::uint8_t {
  anybody,   // the way in
  cookie,    // whoever brings the cookie of a session: files of the page
  own_page,  // the page itself, logged in: cookie, token, and no mark of another site
};

enum class PageAnswer : std::uint8_t { shell, login_shell, file, log_in, log_out, about_me, routes, run };

struct PageRoute {
  HttpMethod method;
  std::string_view path;  // without the slash before it; one that ends with a slash stands for all below
  PageAccess access;
  PageAnswer answer;
};

std::span<const PageRoute> page_routes();
// Null when there is none. HEAD goes where GET goes.
const PageRoute* find_page_route(HttpMethod method, std::string_view path);
// The table as JSON, for whoever wants to try all of it.
std::string page_routes_json();

// Files that the login needs, and that anybody may have.
bool is_open_file(std::string_view name);

}  // namespace meerkat::admin
