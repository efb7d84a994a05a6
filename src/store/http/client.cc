// SPDX-License-Identifier: Apache-2.0
#include "store/http/client.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "store/http/call.h"
#include "store/http/curl_link.h"

namespace meerkat::http {
namespace {

PoolSettings settings_of(std::string name, const HttpPoolOptions& options) {
  PoolSettings settings;
  settings.name = std::move(name);
  settings.options = options.pool;
  settings.depth = options.connection.host.starts_with("https:") ? most_streams : 1;
  return settings;
}

bool is_visible(char c) { return c > ' ' && c < 0x7f; }
bool is_in_a_line(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f); }

}  // namespace

void check_can_be_sent(const Request& request) {
  if (!is_path(request.path)) throw std::invalid_argument{"the path of a request is not percent-encoded"};
  if (!std::ranges::all_of(request.content_type, is_in_a_line))
    throw std::invalid_argument{"the content type of a request is not one line"};
  for (const Header& header : request.headers)
    if (header.name.empty() || !std::ranges::all_of(header.name, is_visible) || header.name.contains(':') ||
        !std::ranges::all_of(header.value, is_in_a_line))
      throw std::invalid_argument{"a header of a request is not one line"};
}

bool is_path(std::string_view text) { return std::ranges::all_of(text, is_visible) && !text.contains('#'); }

Client::Client(std::string name, const HttpPoolOptions& options)
    : pool_(settings_of(std::move(name), options),
            [connection = options.connection] { return make_curl_link(connection); }) {}

Task<Response> Client::request(Request request) {
  check_can_be_sent(request);
  HttpCall call{std::move(request)};
  co_await pool_.perform(call);
  co_return std::move(call.response);
}

std::shared_ptr<Client> open_http(std::string name, const HttpPoolOptions& options) {
  return std::make_shared<Client>(std::move(name), options);
}

}  // namespace meerkat::http
