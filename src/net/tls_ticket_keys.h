// SPDX-License-Identifier: Apache-2.0
// RFC 5077 §4: the keys that seal session tickets, one set for all workers, so that a ticket written by one is
// read by every other. They live in memory only and are replaced while the server runs.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace meerkat {

// Owned by the server, shared by its contexts. Any thread: a lock is taken once per handshake.
class TlsTicketKeys final {
 public:
  struct Key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};  // AES-256-CBC
    std::array<unsigned char, 32> mac{};     // HMAC-SHA-256
    SteadyTime made;

    Key() = default;
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    ~Key();  // wipes
  };
  struct Found {
    Key key;
    bool current;  // otherwise the ticket is to be written anew
  };

  // A key seals for this long and opens for twice as long.
  static constexpr std::chrono::hours lifetime{6};

  // `clock` outlives the keys.
  explicit TlsTicketKeys(const Clock& clock);
  ~TlsTicketKeys() = default;
  TlsTicketKeys(const TlsTicketKeys&) = delete;
  TlsTicketKeys& operator=(const TlsTicketKeys&) = delete;

  // The key to seal with; drawn anew when the last one is too old.
  Key current();
  std::optional<Found> find(const std::array<unsigned char, 16>& name);

 private:
  void rotate_when_old();

  const Clock& clock_;
  std::mutex mutex_;
  Key current_;
  std::optional<Key> previous_;
};

}  // namespace meerkat
