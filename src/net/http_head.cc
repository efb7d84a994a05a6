// SPDX-License-Identifier: Apache-2.0
#include "net/http_head.h"

#include <algorithm>

namespace meerkat {
namespace {

constexpr HttpHeadScan::Outcome bad(std::string_view why) { return {.refused = 400, .why = why}; }

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

// RFC 9110 §5.6.2
bool is_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.contains(c);
}

}  // namespace

bool has_http_control(std::string_view text) { return std::ranges::any_of(text, is_control); }

// RFC 9112 §5.2: a folded line is a field of its own to one reader, and a part of the last one to another.
bool is_http_field(std::string_view line) {
  const std::string_view name = line.substr(0, line.find(':'));
  return name.size() < line.size() && !name.empty() && std::ranges::all_of(name, is_token) && !has_http_control(line);
}

HttpHeadScan::Outcome HttpHeadScan::look_at_line(std::string_view line, bool is_first) {
  if (is_first) {
    if (line == "PRI * HTTP/2.0") return {.refused = 505, .why = "HTTP/2"};
    return {};
  }
  if (!is_http_field(line)) return bad("a header field is malformed");
  if (lines_ > limits_.fields + 1) return {.refused = 431, .why = "there are too many header fields"};
  return {};
}

HttpHeadScan::Outcome HttpHeadScan::look(std::string_view bytes) {
  for (;;) {
    const std::size_t end = bytes.find('\n', looked_);
    const bool is_whole = end != std::string_view::npos;
    const std::string_view line = bytes.substr(line_, (is_whole ? end : bytes.size()) - line_);
    // A carriage return ends the line, or nothing does.
    const std::string_view text = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    if (has_http_control(text.substr(std::min(looked_ - line_, text.size()))))
      return bad("there is a control character in the head");
    if (lines_ == 0 && !text.empty() && !is_token(text.front())) return bad("this is no HTTP");
    if (lines_ == 0 && text.size() > limits_.request_line)
      return {.refused = 414, .why = "the request line is too long"};
    if (line_ + line.size() > limits_.head) return {.refused = 431, .why = "the head is too large"};
    looked_ = line_ + text.size();
    if (!is_whole) return {};
    if (text.size() == line.size()) return bad("a line ends without a carriage return");
    line_ = looked_ = end + 1;
    if (text.empty() && lines_ > 0) return {.size = line_};
    if (text.empty()) {
      // RFC 9112 §2.2: an empty line or two before the request do no harm.
      if (line_ > 4) return bad("empty lines in place of a request");
      continue;
    }
    const Outcome outcome = look_at_line(text, lines_++ == 0);
    if (outcome.refused != 0) return outcome;
  }
}

}  // namespace meerkat
