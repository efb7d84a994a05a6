// SPDX-License-Identifier: Apache-2.0
// One request on its way through the pool: between the client and the connection.
#pragma once

#include "base/secret.h"
#include "store/http/message.h"
#include "store/pool/call.h"

namespace meerkat::http {

class HttpCall final : public AwaitedCall {
 public:
  explicit HttpCall(Request asked) : request(std::move(asked)) {}
  ~HttpCall() {
    if (!request.is_secret) return;
    wipe(request.path);
    wipe(request.body);
  }
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  Request request;    // does not change while it is asked
  Response response;  // the connection's until the call is finished
};

// The word of RFC 9110 §9.
inline const char* word_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::remove:
      return "DELETE";
  }
  return "GET";
}

// What came from a user must not become a header or a request of its own (RFC 9112 §11.1): throws
// std::invalid_argument.
void check_can_be_sent(const Request& request);

// Whether nothing changes when the service gets it twice.
inline bool may_be_sent_twice(const Request& request) {
  return request.repeat == Repeat::always || (request.method != Method::post && request.method != Method::patch);
}

}  // namespace meerkat::http
