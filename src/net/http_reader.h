// SPDX-License-Identifier: Apache-2.0
// Reads one request from bytes as they come (RFC 9112): Boost.Beast parses the head, and what it lets pass although
// others might read it in another way is refused here. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_body.h"
#include "net/http_head.h"
#include "net/http_message.h"

namespace meerkat {

class HttpReader {
 public:
  explicit HttpReader(const HttpLimits& limits);
  ~HttpReader() = default;
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  enum class State : std::uint8_t {
    head,     // more is needed for its end
    judging,  // the head is there: say how large the body may be
    body,     // more is needed
    whole,    // all is there
    refused   // with `status`; nothing behind it can be read
  };
  State state() const { return state_; }
  // Goes as far as it can, and takes away from `bytes` what it has read; stops at `judging`.
  State read(std::string& bytes);
  // After `judging`: goes on with the body; `refused` with 413 when it is larger than that, or when it says so.
  State take_body(std::size_t at_most);

  // From `judging` on; its body when it is whole.
  HttpRequest& request() { return request_; }
  bool wants_continue() const { return wants_continue_; }
  // Whether the connection may go on behind the answer, as far as the client is concerned.
  bool keeps_alive() const { return keeps_alive_; }
  bool is_http_1_0() const { return is_1_0_; }
  bool has_body() const { return has_body_; }
  // Bytes of the body, decoded, that have come.
  std::size_t body_size() const { return body_ ? body_->size() : 0; }

  unsigned status() const { return status_; }
  std::string_view why() const { return why_; }

 private:
  State refuse(unsigned status, std::string_view why);
  State read_head(std::string& bytes);
  State read_body(std::string& bytes);
  State parse_head(std::string_view head);
  State judge_framing();
  State judge_target();

  const HttpLimits limits_;
  HttpHeadScan scan_;
  std::optional<HttpBody> body_;
  HttpRequest request_;
  State state_ = State::head;
  bool wants_continue_ = false, keeps_alive_ = false, is_1_0_ = false, has_body_ = false;
  unsigned status_ = 0;
  std::string_view why_;
};

}  // namespace meerkat
