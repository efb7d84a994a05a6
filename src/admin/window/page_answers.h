// SPDX-License-Identifier: Apache-2.0
// Answers to browsers, with the headers that keep the page to itself.
#pragma once

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace meerkat::admin {

// All of these have the page's headers: nothing is loaded from elsewhere, no inline script or style is run, nobody may
// frame it, and what says something about the server is kept nowhere.
HttpResponse json_for_page(unsigned status, std::string body);
// 303 to an address relative to the one that was asked for.
HttpResponse go_to(std::string relative);
// "index.html" or "login.html".
HttpResponse shell_for_page(std::string_view name);

// "assets/1f2e…/plot.js" → "plot.js". Empty when the version is not that of this program.
std::string_view file_asked_for(std::string_view path);
// A file of the page; browsers keep it. 404 when there is none of that name.
HttpResponse file_for_page(std::string_view name, std::string_view if_none_match);

}  // namespace meerkat::admin
