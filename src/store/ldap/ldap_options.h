// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.ldap.TAG]: connections to a directory, with MongooseIM's keys and defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/pool/pool_options.h"

namespace meerkat::ldap {

struct LdapConnection {
  std::vector<std::string> servers{"localhost"};
  std::optional<std::uint16_t> port;
  std::string root_dn, password;
  std::chrono::milliseconds connect_interval{10'000};
  bool starttls = false;
  std::optional<TlsClientSettings> tls;

  // RFC 4516 §2 and the port of ldaps, which IANA knows.
  std::uint16_t port_in_use() const { return port.value_or(tls && !starttls ? 636 : 389); }
};

struct LdapPoolOptions {
  PoolOptions pool;
  LdapConnection connection;
};

config::Section<LdapPoolOptions> ldap_pool_section();

}  // namespace meerkat::ldap
