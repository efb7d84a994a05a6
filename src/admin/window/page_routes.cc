// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_routes.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/json_text.h"

namespace meerkat::admin {
namespace {

using enum PageAccess;
using enum PageAnswer;

constexpr PageRoute routes_table[] = {
    {HttpMethod::get, "", cookie, shell},
    {HttpMethod::get, "login", anybody, login_shell},
    // Those of the login are for anybody: see is_open_file.
    {HttpMethod::get, "assets/", cookie, file},
    {HttpMethod::post, "api/login", anybody, log_in},
    {HttpMethod::post, "api/logout", own_page, log_out},
    {HttpMethod::get, "api/me", own_page, about_me},
    {HttpMethod::get, "api/routes", own_page, routes},
    {HttpMethod::post, "api/run", own_page, run},
};

constexpr std::string_view open_files[] = {"login.js", "style.css", "icon.svg"};

std::string_view name_of(PageAccess access) {
  switch (access) {
    case anybody:
      return "anybody";
    case cookie:
      return "cookie";
    case own_page:
      return "own_page";
  }
  return {};
}

}  // namespace

std::span<const PageRoute> page_routes() { return routes_table; }

const PageRoute* find_page_route(HttpMethod method, std::string_view path) {
  const HttpMethod wanted = method == HttpMethod::head ? HttpMethod::get : method;
  const auto found = std::ranges::find_if(routes_table, [&](const PageRoute& route) {
    const bool fits = route.path.ends_with('/') ? path.starts_with(route.path) : path == route.path;
    return fits && route.method == wanted;
  });
  return found == std::ranges::end(routes_table) ? nullptr : &*found;
}

std::string page_routes_json() {
  std::string json;
  for (const PageRoute& route : routes_table)
    json += fmt::format("{}{{\"method\":{},\"path\":{},\"access\":{}}}", json.empty() ? "" : ",",
                        json_string(meerkat::name_of(route.method)), json_string(route.path),
                        json_string(name_of(route.access)));
  return "[" + json + "]";
}

bool is_open_file(std::string_view name) { return std::ranges::find(open_files, name) != std::ranges::end(open_files); }

}  // namespace meerkat::admin
