// SPDX-License-Identifier: Apache-2.0
// AMQP 0-9-1 as bytes: what we say, written, and what the broker says, read. librabbitmq knows how each method and
// property looks; frames (§2.3.5) are cut here, so that the socket stays the house's. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/amqp/message.h"

namespace meerkat::amqp {

// What the broker said, as far as a publisher cares.
struct Heard {
  enum class What : std::uint8_t {
    start,
    tune,
    open_ok,
    close,
    close_ok,
    blocked,
    unblocked,
    channel_open_ok,
    channel_close,
    confirm_ok,
    exchange_ok,
    ack,
    nack,
    heartbeat,
    other
  };
  What what = What::other;
  std::uint64_t tag = 0;     // of ack and nack
  bool and_earlier = false;  // they are about all tags up to this one
  std::uint16_t code = 0;    // of close and channel_close
  std::string words;         // of those and of blocked; the mechanisms of start
  std::uint32_t frame_max = 0;
};

// What the broker sends, in pieces of any size.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  void add(std::string_view bytes) { bytes_ += bytes; }
  // Nothing until a frame is complete. Throws std::runtime_error when it is no AMQP, or too large.
  std::optional<Heard> next();

 private:
  struct Memory;
  Heard method(std::string_view payload);

  std::string bytes_;
  std::size_t read_ = 0;
  std::unique_ptr<Memory> memory_;
};

// Each appends whole frames.
namespace write {

inline constexpr std::string_view protocol_header{"AMQP\0\0\x09\x01", 8};  // §4.2.2

void start_ok(std::string& to, const std::string& user, const std::string& password);
void tune_ok(std::string& to, std::uint32_t frame_max, std::uint16_t heartbeat_seconds);
void open(std::string& to, const std::string& virtual_host);
void close(std::string& to);
void close_ok(std::string& to);
void channel_open(std::string& to);
void channel_close_ok(std::string& to);
void confirm_select(std::string& to);
void exchange_declare(std::string& to, const Exchange& exchange);
void heartbeat(std::string& to);
// Throws NotTaken when a name is too long.
void publish(std::string& to, const Message& message, std::uint32_t frame_max);

}  // namespace write
}  // namespace meerkat::amqp
