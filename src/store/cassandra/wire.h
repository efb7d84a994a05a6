// SPDX-License-Identifier: Apache-2.0
// The bytes of one connection to a Cassandra: requests that are collected and sent, frames that come.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/client_socket.h"
#include "store/cassandra/cassandra_options.h"
#include "store/cassandra/frame.h"

namespace meerkat::cassandra {

// One thread. Throws std::runtime_error with words for the operator; after that it is only good for `close`.
class Wire {
 public:
  void open(const CassandraServer& server, const std::optional<TlsClientSettings>& tls, SteadyTime until);
  void close() noexcept;
  int descriptor() const { return socket_.descriptor(); }
  // Of the other end, as text.
  std::string peer_address() const;

  // Where requests are appended until they are flushed.
  std::string& out() { return out_; }
  void flush(SteadyTime until);
  // Waits for bytes, or for another descriptor to be readable, if there is one; false when no bytes came until then.
  bool listen(SteadyTime until, int other = -1);
  // The next message of those that came.
  std::optional<Frame> next() { return reader_.next(); }
  // When bytes came last.
  SteadyTime heard_at() const { return heard_at_; }

  // Since it was asked last.
  std::size_t take_sent() { return std::exchange(sent_, 0); }
  std::size_t take_received() { return std::exchange(received_, 0); }

 private:
  bool read_what_is_there();

  ClientSocket socket_;
  FrameReader reader_;
  std::string out_;
  std::array<char, 16384> bytes_{};
  SteadyTime heard_at_{};
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
};

}  // namespace meerkat::cassandra
