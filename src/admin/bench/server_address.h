// SPDX-License-Identifier: Apache-2.0
// Where the server is, and whether it is this machine.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace meerkat::bench {

// A value.
class ServerAddress {
 public:
  // "127.0.0.1:5222", "[::1]:5222", "localhost:5222"; the error says what is wrong. May ask the resolver.
  static std::expected<ServerAddress, std::string> parse(std::string_view text);

  bool is_loopback() const;
  int family() const { return address_.ss_family; }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return size_; }

  // Connections to 127.0.0.0/8 come from several addresses: each pair of addresses has some 28 000 ports only, and a
  // closed connection keeps its port for a minute.
  std::optional<sockaddr_in> source_for(std::uint32_t client) const;

  // Connects once; the error says why that does not work.
  std::expected<void, std::string> try_to_connect() const;

 private:
  sockaddr_storage address_{};
  socklen_t size_ = 0;
};

}  // namespace meerkat::bench
