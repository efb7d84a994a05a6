// SPDX-License-Identifier: Apache-2.0
// What is published to a message broker (AMQP 0-9-1), and why it may not be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/pool/unavailable.h"

namespace meerkat::amqp {

struct Exchange {
  std::string name;
  std::string type = "topic";
  bool durable = false;
};

struct Property {
  std::string name, value;
};

struct Message {
  std::string exchange;  // up to 255 bytes, as routing_key
  std::string routing_key;
  std::string payload;
  std::string content_type = "application/json";
  std::string message_id;         // none when empty
  std::vector<Property> headers;  // for whoever reads it
  bool persistent = false;        // queues that last keep it on the disk
};

// The broker has not taken it; nobody tries again. `why()` is `failed`, and the connection works.
class NotTaken : public Unavailable {
 public:
  enum class Reason : std::uint8_t {
    nacked,          // it said so (basic.nack)
    channel_closed,  // it closed the channel over this message or one sent at the same time: no such exchange
    not_sendable     // a name is longer than AMQP allows
  };
  NotTaken(Reason reason, const std::string& words) : Unavailable(words), reason_(reason) {}
  Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

}  // namespace meerkat::amqp
