// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/body.h"

#include <arpa/inet.h>

#include <array>
#include <limits>

#include "store/cassandra/errors.h"

namespace meerkat::cassandra {

void BodyWriter::put_string(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint16_t>::max())
    throw BadStatement{"more than 65535 bytes where the protocol has room for no more"};
  put_short(static_cast<std::uint16_t>(text.size()));
  out_.append(text);
}

void BodyWriter::put_long_string(std::string_view text) {
  if (text.size() > max_body_size) throw BadStatement{"a value of more than 64 MiB"};
  put_int(static_cast<std::int32_t>(text.size()));
  out_.append(text);
}

void BodyWriter::put_string_list(const std::vector<std::string_view>& texts) {
  put_short(static_cast<std::uint16_t>(texts.size()));
  for (const std::string_view text : texts) put_string(text);
}

std::string_view BodyReader::take(std::size_t size) {
  if (size > rest_.size()) throw Malformed{"Cassandra: a message ends before its end"};
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::optional<std::string_view> BodyReader::take_bytes() {
  const std::int32_t size = take_int();
  if (size < 0) return std::nullopt;
  return take(static_cast<std::size_t>(size));
}

std::size_t BodyReader::take_count(std::size_t least) {
  const std::int32_t count = take_int();
  if (count < 0) throw Malformed{"Cassandra: a message has a negative count"};
  if (static_cast<std::size_t>(count) > rest_.size() / least)
    throw Malformed{"Cassandra: a message counts more than it holds"};
  return static_cast<std::size_t>(count);
}

std::string BodyReader::take_inet(std::uint16_t& port) {
  const std::uint8_t size = take_byte();
  if (size != 4 && size != 16) throw Malformed{"Cassandra: an address is neither IPv4 nor IPv6"};
  const std::string address{take(size)};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(size == 4 ? AF_INET : AF_INET6, address.data(), text.data(), text.size());
  const std::int32_t number = take_int();
  if (number < 0 || number > 65535) throw Malformed{"Cassandra: a port is not one"};
  port = static_cast<std::uint16_t>(number);
  return text.data();
}

}  // namespace meerkat::cassandra
