// SPDX-License-Identifier: Apache-2.0
// The numbers of the CQL binary protocol, version 4: what every Cassandra since 2.2 and every ScyllaDB speaks.
// Comments that say "CQL §n" mean Cassandra's doc/native_protocol_v4.spec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace meerkat::cassandra {

constexpr std::uint8_t protocol_version = 4;
constexpr std::size_t header_size = 9;
// The protocol allows 256 MB (CQL §2.5); Cassandra itself allows 16 MB unless told otherwise. What is longer is not
// an answer that anybody here has asked for.
constexpr std::size_t max_body_size = 64 * 1024 * 1024;

// CQL §2.4
enum class Opcode : std::uint8_t {
  error = 0x00,
  startup = 0x01,
  ready = 0x02,
  authenticate = 0x03,
  options = 0x05,
  supported = 0x06,
  query = 0x07,
  result = 0x08,
  prepare = 0x09,
  execute = 0x0a,
  register_events = 0x0b,
  event = 0x0c,
  batch = 0x0d,
  auth_challenge = 0x0e,
  auth_response = 0x0f,
  auth_success = 0x10
};

// How many replicas must have answered. CQL §3
enum class Consistency : std::uint16_t {
  any = 0x0000,
  one = 0x0001,
  two = 0x0002,
  three = 0x0003,
  quorum = 0x0004,
  all = 0x0005,
  local_quorum = 0x0006,
  each_quorum = 0x0007,
  serial = 0x0008,
  local_serial = 0x0009,
  local_one = 0x000a
};

// CQL §9
enum class ErrorCode : std::int32_t {
  server_error = 0x0000,
  protocol_error = 0x000a,
  bad_credentials = 0x0100,
  unavailable = 0x1000,
  overloaded = 0x1001,
  is_bootstrapping = 0x1002,
  truncate_error = 0x1003,
  write_timeout = 0x1100,
  read_timeout = 0x1200,
  read_failure = 0x1300,
  function_failure = 0x1400,
  write_failure = 0x1500,
  syntax_error = 0x2000,
  unauthorized = 0x2100,
  invalid = 0x2200,
  config_error = 0x2300,
  already_exists = 0x2400,
  unprepared = 0x2500
};

// The server sent what the protocol does not allow: the connection is of no more use.
class Malformed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace meerkat::cassandra
