// SPDX-License-Identifier: Apache-2.0
// One connection with one channel to a broker of AMQP 0-9-1, for a thread that may wait: every step has a deadline.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "net/client_socket.h"
#include "store/amqp/frames.h"
#include "store/amqp/rabbit_options.h"

namespace meerkat::amqp {

// How often each side says something at least; a broker that is silent for twice as long is not there.
inline constexpr std::chrono::seconds heartbeat_interval{20};

// One thread at a time. What is thrown but NotTaken means that the connection is of no more use.
class Session {
 public:
  explicit Session(const RabbitConnection& settings) : settings_(settings) {}
  ~Session() { close(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Connected, logged in, with an open channel.
  void connect(SteadyTime until);
  // Says good-bye to a broker that answers at once.
  void close() noexcept;

  // How many bytes it took. The next tag of a confirmation is one higher each time.
  std::size_t publish(const Message& message, SteadyTime until);
  void declare(const Exchange& exchange, SteadyTime until);
  void beat(SteadyTime until);
  // After the broker closed the channel: the next one is open when this returns.
  void reopen_channel(SteadyTime until);

  // What the broker says next; nothing when that is nothing by then. Throws when it closes the connection.
  std::optional<Heard> hear(SteadyTime until);
  // Nothing when there is nothing now.
  std::optional<Heard> hear_now();

  int descriptor() const { return socket_.descriptor(); }
  SteadyTime last_heard() const { return last_heard_; }
  // Why it takes no messages now; empty when it does.
  const std::string& blocked() const { return blocked_; }
  // Bytes sent and received since the last time.
  std::pair<std::size_t, std::size_t> traffic() { return {std::exchange(sent_, 0), std::exchange(received_, 0)}; }

 private:
  void start_tls(SteadyTime until);
  void log_in(SteadyTime until);
  void open_channel(SteadyTime until);
  Heard expect(Heard::What wanted, SteadyTime until, const char* what);
  void send(SteadyTime until);
  std::optional<Heard> took_note(Heard heard);
  bool receive();

  const RabbitConnection& settings_;
  ClientSocket socket_;
  std::optional<FrameReader> reader_;
  std::string to_send_;
  std::string blocked_;
  std::array<char, 16 * 1024> buffer_{};
  std::uint32_t frame_max_ = 0;
  std::size_t sent_ = 0, received_ = 0;
  SteadyTime last_heard_{};
  bool is_well_ = false;  // nothing has broken it
};

}  // namespace meerkat::amqp
