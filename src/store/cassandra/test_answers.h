// SPDX-License-Identifier: Apache-2.0
// Test support: what a Cassandra says, as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "store/cassandra/body.h"
#include "store/cassandra/protocol.h"

namespace meerkat::cassandra {

namespace say {
inline std::string text(std::string_view text) {
  std::string out;
  BodyWriter{out}.put_string(text);
  return out;
}
inline std::string number(std::int32_t number) {
  std::string out;
  put_number(out, number);
  return out;
}
inline std::string frame(Opcode opcode, std::int16_t stream, std::string_view body) {
  std::string out{'\x84', '\0'};
  put_number(out, stream);
  out.push_back(static_cast<char>(opcode));
  return out + number(static_cast<std::int32_t>(body.size())) + std::string{body};
}
inline std::string done(std::int16_t stream) { return frame(Opcode::result, stream, number(1)); }
// One row with one text.
inline std::string row(std::int16_t stream, std::string_view cell, std::string_view next_page = {}) {
  std::string body = number(2) + number(next_page.empty() ? 1 : 3) + number(1);
  if (!next_page.empty()) body += number(static_cast<std::int32_t>(next_page.size())) + std::string{next_page};
  body += text("k") + text("t") + text("c") + std::string{'\0', '\x0d'} + number(1);
  return frame(Opcode::result, stream, body + number(static_cast<std::int32_t>(cell.size())) + std::string{cell});
}
// The statement is its own id, and has so many places for texts.
inline std::string prepared(std::int16_t stream, std::string_view statement, std::size_t places) {
  std::string body = number(4) + text(statement) + number(1) + number(static_cast<std::int32_t>(places)) + number(0) +
                     text("k") + text("t");
  for (std::size_t i = 0; i < places; ++i) body += text("c") + std::string{'\0', '\x0d'};
  return frame(Opcode::result, stream, body + number(4) + number(0));
}
inline std::string refusal(std::int16_t stream, ErrorCode code, std::string_view words, std::string_view rest = {}) {
  return frame(Opcode::error, stream, number(static_cast<std::int32_t>(code)) + text(words) + std::string{rest});
}
inline std::string status(std::string_view change, std::uint16_t port) {
  return frame(Opcode::event, -1,
               text("STATUS_CHANGE") + text(change) + std::string{'\4', '\x7f', '\0', '\0', '\1'} + number(port));
}
}  // namespace say

}  // namespace meerkat::cassandra
