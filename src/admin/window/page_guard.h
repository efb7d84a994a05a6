// SPDX-License-Identifier: Apache-2.0
// Whether a request to the page comes from the page itself: browsers are told apart by what scripts cannot forge.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meerkat::admin {

// What a browser says of a request, as its headers have it; empty when it does not.
struct RequestOrigin {
  std::string_view host;        // the header Host
  std::string_view origin;      // the header Origin
  std::string_view fetch_site;  // the header Sec-Fetch-Site
  bool over_tls = false;
};

// Whether a page may be asked for under this name: addresses, localhost, and what the operator listed. Any other name
// may be a stranger's that he lets point here (DNS rebinding).
bool is_own_host(std::string_view host, std::span<const std::string> names);

// For requests that scripts make: refuses what a browser marks as coming from elsewhere, another port of this machine
// included. Programs that are no browser send neither header, and need the session's halves like everybody.
bool comes_from_own_page(const RequestOrigin& request);

// The value of a cookie in the header Cookie (RFC 6265 §5.4); nothing when it is not there, or there twice.
std::optional<std::string_view> cookie(std::string_view header, std::string_view name);

// Whether both are the same, in a time that tells neither where they differ nor how long the secret is.
bool same_secret(std::string_view given, std::string_view secret);

}  // namespace meerkat::admin
