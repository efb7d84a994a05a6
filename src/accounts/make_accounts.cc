// SPDX-License-Identifier: Apache-2.0
#include "accounts/make_accounts.h"

#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "accounts/anonymous.h"
#include "accounts/dummy.h"
#include "accounts/external_program.h"
#include "accounts/http.h"
#include "accounts/pki.h"
#include "accounts/rdbms.h"
#include "accounts/several.h"
#include "store/http/client.h"
#include "store/ldap/client.h"

namespace meerkat {
namespace {

template <class Client>
Client& pool_of(const PoolTable<Client>& pools, const AccountSources& sources, std::string_view method,
                std::string_view kind, std::string_view tag) {
  Client* const client = pools.find(sources.host_type, tag);
  if (client == nullptr)
    throw std::runtime_error{
        fmt::format("auth.{} needs the pool [outgoing_pools.{}.{}] — write that table", method, kind, tag)};
  return *client;
}

std::unique_ptr<Accounts> make_external(const ExternalAccountOptions& options, const AccountSources& sources) {
  auto program = std::make_unique<ExternalProgram>(ExternalProgramSettings{
      .name = "external." + sources.host_type, .program = options.program, .instances = options.instances});
  if (sources.pools_made != nullptr) sources.pools_made->push_back(&program->pool());
  return make_external_accounts(std::move(program));
}

std::unique_ptr<Accounts> make_one(AuthMethod method, const AuthSettings& auth, const AccountSources& sources) {
  switch (method) {
    case AuthMethod::internal:
      return make_internal_accounts(sources.embedded, sources.hashing, sources.passwords);
    case AuthMethod::rdbms:
      return make_rdbms_accounts(pool_of(sources.rdbms, sources, "rdbms", "rdbms", "default"), sources.hashing,
                                 sources.passwords, *auth.rdbms);
    case AuthMethod::external:
      return make_external(*auth.external, sources);
    case AuthMethod::jwt:
      return make_jwt_accounts(*auth.jwt, sources.hashing);
    case AuthMethod::http:
      return make_http_accounts(pool_of(sources.http, sources, "http", "http", "auth"), sources.hashing,
                                sources.passwords, *auth.http);
    case AuthMethod::ldap:
      return make_ldap_accounts(pool_of(sources.ldap, sources, "ldap", "ldap", auth.ldap->people.pool_tag),
                                pool_of(sources.ldap, sources, "ldap", "ldap", auth.ldap->bind_pool_tag), *auth.ldap);
    case AuthMethod::pki:
      return make_pki_accounts();
    case AuthMethod::dummy:
      return make_dummy_accounts(*auth.dummy);
    case AuthMethod::anonymous:
      break;
  }
  return nullptr;  // nobody is looked up by it
}

}  // namespace

std::shared_ptr<Accounts> make_accounts(const AuthSettings& auth, const AccountSources& sources) {
  std::vector<AccountMethod> methods;
  for (const AuthMethod method : auth.wanted_methods())
    if (std::unique_ptr<Accounts> accounts = make_one(method, auth, sources))
      methods.push_back({method, std::move(accounts)});
  if (methods.empty()) return make_anonymous_accounts();
  if (methods.size() == 1) return std::move(methods.front().accounts);
  return make_several_accounts(std::move(methods));
}

}  // namespace meerkat
