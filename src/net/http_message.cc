// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.h"

#include <algorithm>
#include <array>

namespace meerkat {
namespace {

constexpr std::array<std::pair<HttpMethod, std::string_view>, 7> methods{{{HttpMethod::get, "GET"},
                                                                          {HttpMethod::head, "HEAD"},
                                                                          {HttpMethod::post, "POST"},
                                                                          {HttpMethod::put, "PUT"},
                                                                          {HttpMethod::patch, "PATCH"},
                                                                          {HttpMethod::remove, "DELETE"},
                                                                          {HttpMethod::options, "OPTIONS"}}};

constexpr std::array<std::pair<unsigned, std::string_view>, 40> reasons{{{100, "Continue"},
                                                                         {101, "Switching Protocols"},
                                                                         {200, "OK"},
                                                                         {201, "Created"},
                                                                         {202, "Accepted"},
                                                                         {204, "No Content"},
                                                                         {206, "Partial Content"},
                                                                         {301, "Moved Permanently"},
                                                                         {302, "Found"},
                                                                         {303, "See Other"},
                                                                         {304, "Not Modified"},
                                                                         {307, "Temporary Redirect"},
                                                                         {308, "Permanent Redirect"},
                                                                         {400, "Bad Request"},
                                                                         {401, "Unauthorized"},
                                                                         {403, "Forbidden"},
                                                                         {404, "Not Found"},
                                                                         {405, "Method Not Allowed"},
                                                                         {406, "Not Acceptable"},
                                                                         {408, "Request Timeout"},
                                                                         {409, "Conflict"},
                                                                         {410, "Gone"},
                                                                         {411, "Length Required"},
                                                                         {412, "Precondition Failed"},
                                                                         {413, "Content Too Large"},
                                                                         {414, "URI Too Long"},
                                                                         {415, "Unsupported Media Type"},
                                                                         {416, "Range Not Satisfiable"},
                                                                         {417, "Expectation Failed"},
                                                                         {421, "Misdirected Request"},
                                                                         {422, "Unprocessable Content"},
                                                                         {426, "Upgrade Required"},
                                                                         {429, "Too Many Requests"},
                                                                         {431, "Request Header Fields Too Large"},
                                                                         {500, "Internal Server Error"},
                                                                         {501, "Not Implemented"},
                                                                         {502, "Bad Gateway"},
                                                                         {503, "Service Unavailable"},
                                                                         {504, "Gateway Timeout"},
                                                                         {505, "HTTP Version Not Supported"}}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

std::string_view name_of(HttpMethod method) {
  const auto found = std::ranges::find(methods, method, &decltype(methods)::value_type::first);
  return found == methods.end() ? std::string_view{} : found->second;
}

HttpMethod http_method(std::string_view name) {
  const auto found = std::ranges::find(methods, name, &decltype(methods)::value_type::second);
  return found == methods.end() ? HttpMethod::other : found->first;
}

std::string_view http_reason(unsigned status) {
  const auto found = std::ranges::find(reasons, status, &decltype(reasons)::value_type::first);
  return found == reasons.end() ? std::string_view{} : found->second;
}

bool same_word(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

bool list_has(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::string_view element = list.substr(0, list.find(','));
    if (same_word(trimmed(element), word)) return true;
    list.remove_prefix(std::min(list.size(), element.size() + 1));
  }
  return false;
}

std::string_view HttpHeaders::get(std::string_view name) const {
  const auto found = std::ranges::find_if(fields_, [name](const Field& field) { return same_word(field.first, name); });
  return found == fields_.end() ? std::string_view{} : found->second;
}

bool HttpHeaders::contains(std::string_view name) const { return count(name) > 0; }

std::size_t HttpHeaders::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [name](const Field& field) { return same_word(field.first, name); }));
}

void HttpHeaders::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const Field& field) { return same_word(field.first, name); });
  add(std::move(name), std::move(value));
}

std::optional<std::string_view> HttpRequest::asked(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  return found == query.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

std::string_view HttpRequest::binding(std::string_view name) const {
  const auto found = std::ranges::find(bindings, name, &std::pair<std::string, std::string>::first);
  return found == bindings.end() ? std::string_view{} : found->second;
}

HttpResponse HttpResponse::of_type(std::string_view content_type, std::string body) {
  HttpResponse response;
  response.headers.add("Content-Type", std::string{content_type});
  response.body = std::move(body);
  return response;
}

HttpResponse HttpResponse::text(unsigned status, std::string body) {
  HttpResponse response = of_type("text/plain; charset=utf-8", std::move(body));
  response.status = status;
  return response;
}

HttpResponse HttpResponse::json(unsigned status, std::string body) {
  HttpResponse response = of_type("application/json", std::move(body));
  response.status = status;
  return response;
}

HttpResponse HttpResponse::plain(unsigned status) {
  return text(status, std::to_string(status) + " " + std::string{http_reason(status)} + "\n");
}

}  // namespace meerkat
