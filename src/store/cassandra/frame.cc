// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/frame.h"

#include "store/cassandra/errors.h"

namespace meerkat::cassandra {
namespace {

// CQL §2.2
constexpr std::uint8_t is_compressed = 0x01, has_tracing = 0x02, has_payload = 0x04, has_warnings = 0x08;
constexpr std::uint8_t is_response = 0x80;

// What a large answer may leave behind; more is given back.
constexpr std::size_t largest_to_keep = 256 * 1024;

// The flags announce things before the body; we have asked for none of them, and the server may warn all the same.
std::string_view without_additions(std::uint8_t flags, std::string_view body) {
  if ((flags & is_compressed) != 0) throw Malformed{"Cassandra: a compressed message, which was not agreed on"};
  BodyReader reader{body};
  if ((flags & has_tracing) != 0) reader.take(16);
  if ((flags & has_warnings) != 0)
    for (std::size_t count = reader.take_short(); count > 0; --count) reader.take_string();
  if ((flags & has_payload) != 0)
    for (std::size_t count = reader.take_short(); count > 0; --count) {
      reader.take_string();
      reader.take_bytes();
    }
  return reader.take(reader.left());
}

}  // namespace

std::optional<Frame> FrameReader::next() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  if (buffer_.empty()) {
    if (buffer_.capacity() > largest_to_keep) buffer_.shrink_to_fit();
    return std::nullopt;
  }
  // The first byte tells, also when it was no Cassandra that answered.
  if (static_cast<std::uint8_t>(buffer_[0]) != (is_response | protocol_version)) {
    if ((static_cast<std::uint8_t>(buffer_[0]) & is_response) != 0 && buffer_[0] != '\xff')
      throw Malformed{"the server speaks version " + std::to_string(buffer_[0] & 0x7f) +
                      " of the CQL protocol and not 4, which Cassandra has spoken since 2.2"};
    throw Malformed{"what answered is no Cassandra"};
  }
  if (buffer_.size() < header_size) return std::nullopt;
  BodyReader header{std::string_view{buffer_}.substr(1, header_size - 1)};
  const std::uint8_t flags = header.take_byte();
  const auto stream = static_cast<std::int16_t>(header.take_short());
  const auto opcode = static_cast<Opcode>(header.take_byte());
  const auto length = static_cast<std::uint32_t>(header.take_int());
  if (length > max_body_size)
    throw Malformed{"Cassandra: a message of " + std::to_string(length) + " bytes; ask for smaller pages"};
  if (buffer_.size() - header_size < length) return std::nullopt;
  begin_ = header_size + length;
  return Frame{opcode, stream, without_additions(flags, std::string_view{buffer_}.substr(header_size, length))};
}

void FrameReader::clear() {
  buffer_.clear();
  begin_ = 0;
}

FrameWriter::FrameWriter(std::string& out, Opcode opcode, std::int16_t stream)
    : out_(out), begin_(out.size()), body_(out) {
  body_.put_byte(protocol_version);
  body_.put_byte(0);
  body_.put_short(static_cast<std::uint16_t>(stream));
  body_.put_byte(static_cast<std::uint8_t>(opcode));
  body_.put_int(0);
}

void FrameWriter::finish() {
  const std::size_t length = out_.size() - begin_ - header_size;
  if (length > max_body_size) {
    give_up();
    throw BadStatement{"a request of more than 64 MiB"};
  }
  std::string bytes;
  put_number(bytes, static_cast<std::uint32_t>(length));
  out_.replace(begin_ + header_size - bytes.size(), bytes.size(), bytes);
}

}  // namespace meerkat::cassandra
