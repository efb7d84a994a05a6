// SPDX-License-Identifier: Apache-2.0
// UDP to one address.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace meerkat::reports {

// One thread. Everything throws std::runtime_error with words for the operator.
class DatagramSocket {
 public:
  // Looks the name up, which may take its time.
  DatagramSocket(const std::string& host, std::uint16_t port);
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  // Also when the one before was refused: that is told only now.
  void send(std::string_view datagram);
  // When one was refused, and that is known already.
  void check_refusal();

 private:
  int descriptor_ = -1;
  std::string whom_;
};

}  // namespace meerkat::reports
