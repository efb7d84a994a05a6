// SPDX-License-Identifier: Apache-2.0
// Looks at the head of a request before anybody parses it: its bounds, and what proxies in front of us might read in
// another way (RFC 9112 §11.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meerkat {

struct HttpLimits {
  std::size_t request_line = 8 * 1024;
  std::size_t head = 32 * 1024;  // all of it, with the request line
  std::size_t fields = 100;
};

// Whether a line is a header field: a name, a colon, and what comes behind it; neither folded nor with control
// characters.
bool is_http_field(std::string_view line);
// Tabs aside.
bool has_http_control(std::string_view text);

// Finds the end of a head that grows. One for each request.
class HttpHeadScan {
 public:
  explicit HttpHeadScan(const HttpLimits& limits) : limits_(limits) {}

  struct Outcome {
    unsigned refused = 0;  // a status, and that is the end
    std::string_view why = {};
    std::size_t size = 0;  // of the whole head, with the empty line; 0: it is not all there
  };
  // `bytes` begin where they began at the last call.
  Outcome look(std::string_view bytes);

 private:
  Outcome look_at_line(std::string_view line, bool is_first);

  const HttpLimits limits_;
  std::size_t line_ = 0;    // where the line begins that is looked at
  std::size_t looked_ = 0;  // how far
  std::size_t lines_ = 0;
};

}  // namespace meerkat
