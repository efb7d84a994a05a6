// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/ldap_options.h"

namespace meerkat::ldap {

using namespace config;

Section<LdapPoolOptions> ldap_pool_section() {
  using C = LdapConnection;
  const auto connection =
      Section<C>{"connection", "Where the directory is, and who we are there."}
          .option("servers", &C::servers, "Servers with the same entries; they are tried in this order.", non_empty,
                  unique, needs_restart)
          .option("port", &C::port,
                  "The port of all servers; by default 389, or 636 when the connection begins with TLS.", at_least(1),
                  needs_restart, example("389"))
          .option("root_dn", &C::root_dn, "The entry that the server logs in as; empty means nobody in particular.",
                  needs_restart, example("\"cn=reader,dc=example,dc=org\""))
          .option("password", &C::password, "The password of root_dn.", secret, needs_restart)
          .option("connect_interval", &C::connect_interval,
                  "The longest time between two attempts to connect; the first ones follow sooner.",
                  at_least(std::chrono::milliseconds{1}), needs_restart)
          .option("starttls", &C::starttls,
                  "Begin without TLS and ask for it (StartTLS), instead of beginning with it (ldaps).", needs_restart)
          .section("tls", &C::tls, tls_client_section(), needs_restart)
          .check([](const C& given, Checker& checker) {
            if (given.starttls && !given.tls)
              checker.refuse("starttls", "TLS has no settings — write a table named tls as well, which may be empty");
            if (given.root_dn.empty() && !given.password.empty())
              checker.refuse("password", "nobody has this password — give root_dn as well");
            if (!given.root_dn.empty() && given.password.empty())
              checker.refuse("root_dn", "a name without a password proves nothing (RFC 4513) — give password as well");
          });
  using O = LdapPoolOptions;
  return Section<O>{"outgoing_pools.ldap.<tag>", "Connections to an LDAP directory."}
      .include(&O::pool, pool_section())
      .section("connection", &O::connection, connection);
}

}  // namespace meerkat::ldap
