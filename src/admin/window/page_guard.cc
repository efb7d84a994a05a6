// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_guard.h"

#include <algorithm>

#include "base/text.h"
#include "net/http_message.h"
#include "net/ip_address.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat::admin {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "example.org:5281" → "example.org"; "[::1]:5281" → "::1". Nothing when it is neither.
std::optional<std::string_view> name_of(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = host.substr(end + 1);
    if (!rest.empty() && (!rest.starts_with(':') || !is_port(rest.substr(1)))) return std::nullopt;
    return host.substr(1, end - 1);
  }
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return host;
  if (!is_port(host.substr(colon + 1))) return std::nullopt;
  return host.substr(0, colon);
}

std::string_view without_port(std::string_view authority, std::string_view port) {
  return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

}  // namespace

bool is_own_host(std::string_view host, std::span<const std::string> names) {
  const auto name = name_of(host);
  if (!name || name->empty()) return false;
  if (same_word(*name, "localhost") || IpAddress::parse(*name)) return true;
  return std::ranges::any_of(names, [&](const std::string& own) { return same_word(*name, own); });
}

bool comes_from_own_page(const RequestOrigin& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") return false;
  if (request.origin.empty()) return true;
  // Behind a proxy that does the TLS the scheme is https though nothing here is.
  std::string_view authority = request.origin;
  std::string_view usual_port = ":443";
  if (authority.starts_with("https://")) {
    authority.remove_prefix(8);
  } else if (authority.starts_with("http://") && !request.over_tls) {
    authority.remove_prefix(7);
    usual_port = ":80";
  } else {
    return false;
  }
  return same_word(without_port(authority, usual_port), without_port(request.host, usual_port));
}

std::optional<std::string_view> cookie(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (!pair.starts_with(name) || !pair.substr(name.size()).starts_with('=')) continue;
    // Somebody else put in another one: neither is to be believed.
    if (found) return std::nullopt;
    found = pair.substr(name.size() + 1);
  }
  return found;
}

bool same_secret(std::string_view given, std::string_view secret) {
  return equal_in_constant_time(digest_of(ScramHash::sha256, given).view(),
                                digest_of(ScramHash::sha256, secret).view());
}

}  // namespace meerkat::admin
