// SPDX-License-Identifier: Apache-2.0
// Messages of the protocol and the bytes they travel in. CQL §2
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/cassandra/body.h"
#include "store/cassandra/protocol.h"

namespace meerkat::cassandra {

struct Frame {
  Opcode opcode = Opcode::error;
  std::int16_t stream = 0;  // negative: the server says something unasked
  std::string_view body;    // without what the flags put before it
};

// Cuts what the server sends into frames. Throws Malformed; after that it is of no more use.
class FrameReader {
 public:
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole one; its body is there until the reader is fed or asked again.
  std::optional<Frame> next();
  void clear();

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
};

// Appends a request to `out`: its header, then what is written into `body()`, whose length is known at `finish`.
class FrameWriter {
 public:
  FrameWriter(std::string& out, Opcode opcode, std::int16_t stream);
  BodyWriter& body() { return body_; }
  // Throws BadStatement when the message has become too long; then nothing was appended.
  void finish();
  // Nothing was appended.
  void give_up() { out_.resize(begin_); }

 private:
  std::string& out_;
  std::size_t begin_;
  BodyWriter body_;
};

}  // namespace meerkat::cassandra
