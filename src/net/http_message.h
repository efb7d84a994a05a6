// SPDX-License-Identifier: Apache-2.0
// A request and its answer, as those who answer see them (RFC 9110). No bytes of the wire, no library.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/ip_address.h"

namespace meerkat {

class HttpAsker;
struct HttpTakenOver;

enum class HttpMethod : std::uint8_t { get, head, post, put, patch, remove, options, other };

// "GET", "DELETE"; empty for `other`.
std::string_view name_of(HttpMethod method);
// Methods are told apart by case (RFC 9110 §9.1).
HttpMethod http_method(std::string_view name);
// "Not Found"; empty for a number that has no words here.
std::string_view http_reason(unsigned status);

// Names without regard to case, values as they came; one name may be there several times.
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Field> fields) : fields_(fields) {}

  // The first of that name; empty when there is none, or when it is empty.
  std::string_view get(std::string_view name) const;
  bool contains(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // In the place of all of that name.
  void set(std::string name, std::string value);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// Whether two names of header fields are the same (RFC 9110 §5.1), or two other words of HTTP that have no case.
bool same_word(std::string_view one, std::string_view other);
// Whether a list of words, separated by commas, has this one (RFC 9110 §5.6.1).
bool list_has(std::string_view list, std::string_view word);

// What somebody asks. It lives until its answer is there.
struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  std::string method_name;  // as it came, for what is `other`
  std::string target;       // as it came: "/api/a%20b?x=1"
  // Decoded: "/api/a b". It begins with a slash, is UTF-8, and has neither "." nor ".." between slashes, no encoded
  // slash or backslash, and no control character: what is asked for with any of them is refused before.
  std::string path;
  // What "[...]" of the route stands for, without the slash before it: "b/c" of "/a/b/c" at "/a/[...]".
  std::string below;
  // What ":name" of the route stands for.
  std::vector<std::pair<std::string, std::string>> bindings;
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::string host;                                        // in lower case, without port
  HttpHeaders headers;
  std::string body;
  PeerAddress peer;  // the client's own address when a proxy told it (PROXY protocol)
  bool over_tls = false;
  // Who waits for the answer; null in tests that need none.
  HttpAsker* asker = nullptr;

  // The first of that name.
  std::optional<std::string_view> asked(std::string_view name) const;
  std::string_view binding(std::string_view name) const;
};

// Goes on with a connection after 101 (RFC 9110 §7.8), on its worker.
class HttpUpgrade {
 public:
  virtual ~HttpUpgrade() = default;
  virtual void take_over(HttpTakenOver&& connection) = 0;
};

// Content-Length, Date, Server, Connection and Transfer-Encoding are added where it is sent, and so is the compression
// of its body; to HEAD it goes without the body.
struct HttpResponse {
  unsigned status = 200;
  HttpHeaders headers;
  std::string body;
  // With 101: takes over the connection once the answer is on its way.
  std::unique_ptr<HttpUpgrade> upgrade = nullptr;

  static HttpResponse text(unsigned status, std::string body);
  static HttpResponse json(unsigned status, std::string body);
  static HttpResponse of_type(std::string_view content_type, std::string body);
  // The status with its own words as text.
  static HttpResponse plain(unsigned status);
};

}  // namespace meerkat
