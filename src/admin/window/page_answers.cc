// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_answers.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "admin/window/page_files.h"
#include "net/http_handler.h"

namespace meerkat::admin {
namespace {

// CSP Level 3. Trusted types forbid the page's own scripts to make elements out of text.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types "
    "'none'";

HttpResponse guarded(HttpResponse response) {
  response.headers.set("Content-Security-Policy", content_policy);
  response.headers.set("X-Frame-Options", "DENY");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!response.headers.contains("Cache-Control")) response.headers.set("Cache-Control", "no-store");
  return response;
}

const PageFile* find_file(std::string_view name) {
  const auto found = std::ranges::find(page_files(), name, &PageFile::name);
  return found == page_files().end() ? nullptr : &*found;
}

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/html; charset=utf-8";
}

}  // namespace

HttpResponse json_for_page(unsigned status, std::string body) {
  return guarded(HttpResponse::json(status, std::move(body)));
}

HttpResponse go_to(std::string relative) {
  HttpResponse response = HttpResponse::plain(303);
  response.headers.set("Location", std::move(relative));
  return guarded(std::move(response));
}

HttpResponse shell_for_page(std::string_view name) {
  const PageFile* const file = find_file(name);
  if (file == nullptr) return guarded(HttpResponse::plain(404));
  return guarded(HttpResponse::of_type(type_of(name), std::string{file->content}));
}

std::string_view file_asked_for(std::string_view path) {
  const std::string place = fmt::format("assets/{}/", page_files_version());
  return path.starts_with(place) ? path.substr(place.size()) : std::string_view{};
}

HttpResponse file_for_page(std::string_view name, std::string_view if_none_match) {
  const PageFile* const file = find_file(name);
  if (file == nullptr || name.ends_with(".html")) return guarded(HttpResponse::plain(404));
  const std::string tag = fmt::format("\"{}\"", page_files_version());
  HttpResponse response;
  if (if_none_match == tag)
    response.status = 304;
  else
    response = HttpResponse::of_type(type_of(name), std::string{file->content});
  response.headers.set("ETag", tag);
  // Their address changes with their content.
  response.headers.set("Cache-Control", "private, max-age=31536000, immutable");
  return guarded(std::move(response));
}

}  // namespace meerkat::admin
