// SPDX-License-Identifier: Apache-2.0
#include "store/http/options.h"

#include <algorithm>
#include <charconv>

#include "store/http/message.h"

namespace meerkat::http {
namespace {

using namespace config;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}
bool is_address_character(char c) { return is_name_character(c) || c == ':'; }

// The name or address that the text begins with, which is cut off; empty when there is none.
std::string take_name(std::string_view& text) {
  if (!text.starts_with('[')) {
    const std::string name{text.begin(), std::ranges::find_if_not(text, is_name_character)};
    text.remove_prefix(name.size());
    return name;
  }
  const auto end = text.find(']');
  if (end == std::string_view::npos) return {};
  const std::string address{text.substr(1, end - 1)};
  text.remove_prefix(end + 1);
  return std::ranges::all_of(address, is_address_character) ? address : std::string{};
}

bool is_prefix(std::string_view text) { return text.starts_with('/') && is_path(text); }

Section<Connection> connection_section() {
  return Section<Connection>{"outgoing_pools.http.connection", "Where the web service is."}
      .option("host", &Connection::host, "The service: its scheme, name and port.", mandatory, needs_restart,
              must_be("\"http[s]://name[:port]\"; what comes after that belongs to path_prefix",
                      [](std::string_view text) { return read_origin(text).has_value(); }),
              example("\"https://auth.example.org:8443\""))
      .option("path_prefix", &Connection::path_prefix, "What all paths begin with; put before them as it is.",
              needs_restart, must_be("a path that begins with \"/\"", is_prefix), example("\"/api/auth/\""))
      .option("request_timeout", &Connection::request_timeout,
              "How long a request may take. It should be below call_timeout, which includes the time in the queue.",
              at_least(std::chrono::milliseconds{1}), needs_restart)
      .section("tls", &Connection::tls, tls_client_section(), needs_restart)
      .check([](const Connection& connection, Checker& checker) {
        if (connection.tls && connection.host.starts_with("http:"))
          checker.warn("tls", "host begins with \"http:\", so there is no encryption — write \"https:\"");
      });
}

}  // namespace

Section<HttpPoolOptions> http_pool_section() {
  using O = HttpPoolOptions;
  return Section<O>{"outgoing_pools.http", "Connections to a web service."}
      .include(&O::pool, pool_section())
      .section("connection", &O::connection, connection_section());
}

std::string Origin::authority() const {
  const bool is_v6 = name.find(':') != std::string::npos;
  return (is_v6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

std::optional<Origin> read_origin(std::string_view text) {
  Origin origin;
  origin.tls = text.starts_with("https://");
  if (!origin.tls && !text.starts_with("http://")) return std::nullopt;
  text.remove_prefix(origin.tls ? 8 : 7);
  origin.name = take_name(text);
  origin.port = origin.tls ? 443 : 80;
  if (origin.name.empty()) return std::nullopt;
  if (text.empty()) return origin;
  if (!text.starts_with(':')) return std::nullopt;
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), origin.port);
  if (error != std::errc{} || end != text.data() + text.size() || origin.port == 0) return std::nullopt;
  return origin;
}

}  // namespace meerkat::http
