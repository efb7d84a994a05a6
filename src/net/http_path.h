// SPDX-License-Identifier: Apache-2.0
// What is asked for: the target of a request taken apart (RFC 3986, RFC 9112 §3.2), and patterns of paths, written as
// for Cowboy, which MongooseIM's files were made for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meerkat {

struct HttpTarget {
  std::string path;  // see HttpRequest::path
  std::vector<std::pair<std::string, std::string>> query;
  std::string host;      // of "http://host/path", as proxies ask; else empty. Without the port.
  bool is_star = false;  // "OPTIONS *"
};

// Nothing when it is malformed, or could mean another place to somebody else who reads it: dot segments, encoded
// slashes, control characters, what is not UTF-8. Nobody honest sends those: clients resolve dots themselves.
std::optional<HttpTarget> parse_http_target(std::string_view target);

// "Example.ORG:8080", "[::1]:80" without the port, in lower case and without a last dot; nothing for what is no host.
std::optional<std::string> http_host(std::string_view host_and_port);

// "a=1&b=%20" (WHATWG URL §5.1). Nothing when it is malformed or not UTF-8.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_http_form(std::string_view text);

// "/metrics", "/rest/:user", "/api/[...]". A slash at the end makes no difference.
class HttpPathPattern {
 public:
  // Nothing for what is no pattern.
  static std::optional<HttpPathPattern> parse(std::string_view text);

  struct Match {
    std::string below;
    std::vector<std::pair<std::string, std::string>> bindings;
  };
  std::optional<Match> match(std::string_view path) const;

  // The same for all patterns that match the same paths.
  std::string shape() const;
  // Whether this one goes first where both match.
  bool is_closer_than(const HttpPathPattern& other) const;

 private:
  enum class Kind : std::uint8_t { rest, binding, literal };
  struct Step {
    Kind kind = Kind::literal;
    std::string text;
  };
  std::vector<Step> steps_;
};

}  // namespace meerkat
