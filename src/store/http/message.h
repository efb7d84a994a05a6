// SPDX-License-Identifier: Apache-2.0
// Requests to a web service and its answers (RFC 9110).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/task.h"

namespace meerkat::http {

enum class Method : std::uint8_t { get, head, post, put, patch, remove };

// When a request may be sent once more, because the connection broke before the answer was there.
enum class Repeat : std::uint8_t {
  by_method,  // GET, HEAD, PUT and DELETE do no more when they arrive twice (RFC 9110 §9.2.2)
  always      // a POST that only reads, such as a search
};

struct Header {
  std::string name;
  std::string value;
};

// Whether it can stand in a request, after another path or alone: nothing in it ends the line or begins a fragment.
bool is_path(std::string_view text);

struct Request {
  Method method = Method::get;
  std::string path;  // comes after the pool's path_prefix as it is: percent-encoded, with the query
  std::vector<Header> headers;
  std::string body;
  std::string content_type;
  Repeat repeat = Repeat::by_method;
  std::size_t most_bytes = std::size_t{1} << 20;  // of the answer's body; a longer one is a failure
  bool is_secret = false;                         // path and body are wiped when it is over, and the answer's copies
};

struct Response {
  int status = 0;
  std::vector<Header> headers;  // names in lower case
  std::string body;

  bool is_good() const { return status >= 200 && status < 300; }
  // The first header of that name (in lower case); empty when there is none.
  std::string_view header(std::string_view name) const {
    for (const Header& one : headers)
      if (one.name == name) return one.value;
    return {};
  }
};

// Who answers requests: a pool's client, or what a test puts in its place. Any worker may ask.
class Service {
 public:
  virtual ~Service() = default;
  // Whatever the service answered, redirects and errors included. Throws meerkat::Unavailable when there is no answer,
  // and std::invalid_argument when the path or a header cannot be sent.
  virtual Task<Response> request(Request request) = 0;
};

}  // namespace meerkat::http
