// SPDX-License-Identifier: Apache-2.0
// A pool of connections to a directory: [outgoing_pools.ldap.TAG].
#pragma once

#include <memory>
#include <string>

#include "store/ldap/directory.h"
#include "store/ldap/ldap_options.h"
#include "store/pool/outgoing_pool.h"

namespace meerkat::ldap {

// A password that somebody claims is tried by logging in on a connection of the pool; what is searched next is searched
// by who the settings say. Any worker.
class Client final : public Directory {
 public:
  // Connects in the background. `name` is for log lines: "ldap.default".
  Client(std::string name, const LdapPoolOptions& options);

  Task<Found> search(Search search) override;
  Task<bool> bind(std::string dn, std::string password) override;

  OutgoingPool& pool() { return pool_; }

 private:
  const LdapConnection connection_;
  OutgoingPool pool_;
};

std::shared_ptr<Client> open_ldap(std::string name, const LdapPoolOptions& options);

}  // namespace meerkat::ldap
