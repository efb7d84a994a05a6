// SPDX-License-Identifier: Apache-2.0
// An answer as bytes (RFC 9112 §4), written by Boost.Beast.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_message.h"

namespace meerkat {

struct HttpAnswerForm {
  bool to_head = false;  // the length of the body, and not the body
  bool keeps_alive = true;
  bool to_1_0 = false;
  bool may_compress = false;
  bool takes_gzip = false;       // the client does
  std::string_view server = {};  // empty: it is not told
  WallTime now;
};

// Appends it. A header field that would end its line early, or tells a length of its own, is left out and logged: it is
// a mistake of whoever answered.
void write_http(std::string& out, HttpResponse& response, const HttpAnswerForm& form);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7)
std::string http_date(WallTime time);

}  // namespace meerkat
